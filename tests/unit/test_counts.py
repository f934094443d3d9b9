"""The closing counts of `make test`: a test is counted once, and one that needed a second try is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

COUNTS = Path(__file__).parents[2] / ".ci" / "counts.py"
LEVELS = ("frontend", "server", "browser", "hub", "chaos", "packaging")


def case(name: str, *, tries: int = 1, inside: str = "") -> str:
    noted = "".join(f"<property name='tries' value='{number}'/>" for number in range(2, tries + 1))
    properties = f"<properties>{noted}</properties>" if noted else ""
    return f"<testcase classname='tests.browser.test_x' name='{name}'>{properties}{inside}</testcase>"


def test_a_test_counts_once_however_often_it_was_tried(tmp_path: Path) -> None:
    cases = [case("second"), case("never"), case("second", tries=2), case("never", tries=2)]
    cases += [case("never", tries=3, inside="<failure/>"), case("left", inside="<skipped/>"), case("once")]
    for level in LEVELS:
        made = "".join(cases) if level == "browser" else case("once")
        (tmp_path / f"{level}.xml").write_text(f"<testsuites><testsuite>{made}</testsuite></testsuites>")
    command = [sys.executable, str(COUNTS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert "browser: 2 of 4 passed" in lines
    assert [line for line in lines if "second try" in line] == [
        "needed a second try: tests/browser/test_x::second"
    ]
    assert lines[-1] == "7 passed, 1 failed, 1 skipped"
