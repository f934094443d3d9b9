"""CONTRIBUTING, SECURITY, the issue forms and the hooks name what is there."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
import yaml
from references import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
PACKAGE = json.loads((ROOT / "labextension/package.json").read_text(encoding="utf-8"))


def test_every_command_exists() -> None:
    text = CONTRIBUTING + (ROOT / ".github/PULL_REQUEST_TEMPLATE.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = set(re.findall(r"`?make ([a-z]+)", CONTRIBUTING)) | set(re.findall(r"`make ([a-z]+)", text))
    assert {"lab", "quick", "test", "long", "lint"} <= named
    assert named - targets == set()
    scripts = set(re.findall(r"`jlpm ([\w:]+)", text))
    tools = {"vitest"}  # packages whose command is called as it is
    assert {"build"} <= scripts
    assert scripts - tools <= set(PACKAGE["scripts"])
    assert tools <= set(PACKAGE["devDependencies"])


def test_every_path_exists() -> None:
    paths = set(
        re.findall(r"`((?:jupyter_plant_together|labextension|tests|docs|tools)/[^`*…\s]+)`", CONTRIBUTING)
    )
    assert len(paths) > 30
    lost = {path for path in paths if not (ROOT / path).exists()}
    assert lost == set()


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md"])
def test_links_of_the_page_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_security_invents_no_address() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert re.findall(r"\S+@\S+\.\w+", text) == []
    assert "Report a vulnerability" in text


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_a_form_is_one_that_github_shows(form: Any) -> None:
    """What GitHub's schema of issue forms demands."""
    data = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert set(data) <= {"name", "description", "title", "labels", "assignees", "projects", "type", "body"}
    assert data["name"] and data["description"]
    fields = [field for field in data["body"] if field["type"] != "markdown"]
    assert fields
    assert len({field["id"] for field in fields}) == len(fields)
    for field in data["body"]:
        attributes = field["attributes"]
        assert field["type"] in {"markdown", "textarea", "input", "dropdown", "checkboxes"}
        assert attributes["value" if field["type"] == "markdown" else "label"]
        if field["type"] in {"dropdown", "checkboxes"}:
            assert len(attributes["options"]) == len({str(option) for option in attributes["options"]}) > 0
    assert any(field.get("validations", {}).get("required") for field in fields)


def test_there_is_a_form_for_each_kind() -> None:
    assert {form.stem for form in FORMS} == {"bug", "feature", "picture"}
    ids = {field.get("id") for field in yaml.safe_load(FORMS[-1].read_text(encoding="utf-8"))["body"]}
    assert {"text", "expected"} <= ids


def test_hooks_are_the_tools_of_the_set_up() -> None:
    configuration = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in configuration["repos"]] == ["local"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python = {re.split(r"\W", one)[0] for one in project["optional-dependencies"]["dev"]}
    node = {"tsc" if name == "typescript" else name for name in PACKAGE["devDependencies"]}
    hooks = configuration["repos"][0]["hooks"]
    assert {"ruff", "ruff-format", "mypy", "eslint", "prettier"} <= {hook["id"] for hook in hooks}
    for hook in hooks:
        assert hook["language"] == "system"
        folder, _, tool = hook["entry"].split()[0].rpartition("/")
        assert tool in {".venv/bin": python, "labextension/node_modules/.bin": node}[folder]
        for option in re.findall(r"(?:-p|--config|--ignore-path) (\S+)", hook["entry"]):
            assert (ROOT / option).exists()
        if "files" in hook:
            re.compile(hook["files"])
