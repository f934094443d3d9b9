"""Adds up the JUnit files in a folder and prints the counts; fails if a level is missing or a test failed."""

import sys
from pathlib import Path
from xml.etree import ElementTree

LEVELS = ("frontend", "server", "browser", "hub", "chaos", "packaging")
TRIES = "properties/property[@name='tries']"


def name_of(case: ElementTree.Element) -> str:
    """Return a test's name as pytest takes it on its command line, but for the file's ending."""
    return f"{case.get('classname', '').replace('.', '/')}::{case.get('name')}"


def is_bad(case: ElementTree.Element) -> bool:
    """Whether a test failed."""
    return case.find("failure") is not None or case.find("error") is not None


def last_tries(cases: list[ElementTree.Element]) -> tuple[list[ElementTree.Element], list[str]]:
    """Return one case a test, its last try, and the names of those that passed at a later one.

    pytest writes a case for each try, and notes in all but the first which one it is (tests/conftest.py).
    """
    last = {name_of(case): case for case in cases if case.find(TRIES) is not None}
    kept = [case for case in cases if last.get(name_of(case), case) is case]
    return kept, sorted(name for name, case in last.items() if not is_bad(case))


def main() -> int:
    """Print one line for each level, the tests that needed a second try, and the sum."""
    total = failed = skipped = 0
    for level in LEVELS:
        path = Path(sys.argv[1]) / f"{level}.xml"
        if not path.exists():
            print(f"{level}: no results")
            total, failed = total + 1, failed + 1
            continue
        cases, again = last_tries(list(ElementTree.parse(path).iter("testcase")))
        bad = sum(is_bad(case) for case in cases)
        left = sum(case.find("skipped") is not None for case in cases)
        print(f"{level}: {len(cases) - bad - left} of {len(cases)} passed")
        for name in again:
            print(f"needed a second try: {name}")
        total, failed, skipped = total + len(cases), failed + bad, skipped + left
    print(f"{total - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
