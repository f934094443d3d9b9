"""Lua is in ``.lua`` files, and says in names what it is given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import jupyter_plant_together

PACKAGE = Path(jupyter_plant_together.__file__).parent
SCRIPTS = sorted(PACKAGE.rglob("scripts/*.lua"))


def test_no_script_is_inside_python() -> None:
    assert SCRIPTS
    assert [path.name for path in PACKAGE.rglob("*.py") if "redis.call" in path.read_text("utf-8")] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_says_what_it_does_and_names_what_it_is_given(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("-- ")
    named = re.findall(
        r"^local [\w,\s]+ = ((?:KEYS\[\d\]|ARGV\[\d\]|unpack\(ARGV\)|, )+)$", text, re.MULTILINE
    )
    assert "KEYS[1]" in named[0]
    assert len(re.findall(r"KEYS|ARGV", text)) == sum(len(re.findall(r"KEYS|ARGV", part)) for part in named)
