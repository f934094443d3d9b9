"""docs/protocol.md is the rulebook: what cites a rule finds it, and what it says guards a rule is there."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

import pytest
from references import ROOT, docstring, missing, references

BOOK = ROOT / "docs" / "protocol.md"
# S1 in a comment, a docstring or a name; not %C3 in an address, not d_S1 in an identifier, not s1_ in a fixture.
_CITED = re.compile(
    r"(?<![%\w\\])([SAEPJCDI])(\d{1,2})(?:\s*[-\u2013\u2026]\s*([SAEPJCDI])(\d{1,2}))?(?![\w%])"
)
_IN_NAME = re.compile(r"_([saepjcdi]\d{1,2})(?=_|$)")
_OTHERS = {"C4"}  # PlantUML's C4 library; the rulebook leaves the number out
_SECTIONS = ("Control", "Refusals", "Events", "Kernel")


@dataclass(frozen=True)
class Rule:
    """What stands under one heading."""

    id: str
    text: str

    def line(self, name: str) -> str:
        """Return what follows ``name:`` at the start of a line."""
        found = re.search(rf"^{name}: (.+)$", self.text, re.M)
        return "" if found is None else found[1]

    @property
    def built(self) -> bool:
        """Whether the code has it, be it in part."""
        return self.line("Status").startswith("built")


def rules() -> list[Rule]:
    parts = re.split(r"^### (\w+) · ", BOOK.read_text(), flags=re.M)[1:]
    return [
        Rule(id_, re.split(r"^## ", text, flags=re.M)[0])
        for id_, text in zip(parts[::2], parts[1::2], strict=True)
    ]


RULES = rules()
BUILT = [rule for rule in RULES if rule.built]


def cited(text: str) -> set[str]:
    """Return the rules that a text cites; a range cites all of it."""
    found = set()
    for letter, first, end_letter, end in _CITED.findall(text):
        last = int(end) if end and end_letter == letter else int(first)
        found.update(f"{letter}{number}" for number in range(int(first), last + 1))
        if end and end_letter != letter:
            found.add(end_letter + end)
    return found


def names(reference: str) -> set[str]:
    """Return the rules that a test names: in its name, or in its own docstring."""
    path, _, name = reference.partition("::")
    if not path.endswith(".py"):
        return cited(name)
    in_name = {one.upper() for one in _IN_NAME.findall(name)}
    text = docstring(path, name)
    sections = {one for one in _SECTIONS if f"*{one}*" in text or f"PROTOCOL {one}" in text}
    return in_name | cited(text) | sections


def test_citations_are_read_as_people_write_them() -> None:
    assert cited("(PROTOCOL C1-C3, S1) and A2, J10") == {"C1", "C2", "C3", "S1", "A2", "J10"}
    assert cited("caf%C3%A9, i_C1x, B2, \\E2") == set()


def test_what_is_not_there_is_found_missing() -> None:
    there = [
        "jupyter_plant_together/errors.py::PlantTogetherError.body",
        "labextension/src/sync/session.ts::DocumentSession.flush",
        "labextension/src/sync/__tests__/savestate.spec.ts::SaveState (A7)",
    ]
    for reference in there:
        assert references(f"see `{reference}`.") == [reference]
        assert missing(reference) is None
        assert missing(reference[:-1] + "_") is not None
        assert missing(reference.replace(".", "_.", 1)) is not None


def test_each_rule_has_its_lines() -> None:
    ids = [rule.id for rule in RULES]
    for letter in "SAEPJCDI":
        numbers = [int(id_[1:]) for id_ in ids if id_[0] == letter and id_ not in _SECTIONS]
        assert numbers == list(range(1, len(numbers) + 1)), letter
    assert set(ids) >= set(_SECTIONS)
    for rule in RULES:
        assert re.match(r"built$|built in part · .+|not built yet$", rule.line("Status")), rule.id
        assert rule.line("Why"), rule.id
        assert bool(references(rule.line("Code"))) == rule.built, rule.id


def test_the_table_names_what_is_not_built() -> None:
    table = "\n".join(line for line in BOOK.read_text().splitlines() if line.startswith("| ["))
    assert cited(table) == {rule.id for rule in RULES if not rule.built}


@pytest.mark.parametrize("rule", BUILT, ids=lambda rule: rule.id)
def test_the_code_and_tests_of_a_rule_exist(rule: Rule) -> None:
    named = references(rule.text)
    assert [lost for one in named if (lost := missing(one))] == []


@pytest.mark.parametrize("rule", BUILT, ids=lambda rule: rule.id)
def test_a_built_rule_is_named_by_its_tests(rule: Rule) -> None:
    tests = references(rule.line("Tests"))
    assert tests
    assert [test for test in tests if rule.id not in names(test)] == []


def test_every_rule_that_is_cited_exists() -> None:
    known = {rule.id for rule in RULES} | _OTHERS
    paths = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    unknown = {
        f"{path}: {sorted(extra)}"
        for path in paths
        if path.startswith(("jupyter_plant_together/", "labextension/src/", "tests/", "benchmarks/", "docs/"))
        and path.endswith((".py", ".ts", ".tsx", ".sql", ".lua", ".md"))
        and path != "tests/unit/test_docs_protocol.py"
        and (ROOT / path).is_file()
        and (extra := cited((ROOT / path).read_text()) - known)
    }
    assert unknown == set()
