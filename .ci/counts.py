"""Adds up the JUnit files in a folder and prints the counts; fails if a level is missing or a test failed."""

import sys
from pathlib import Path
from xml.etree import ElementTree

LEVELS = ("frontend", "server", "browser", "hub", "chaos", "packaging")


def main() -> int:
    """Print one line for each level and the sum."""
    total = failed = skipped = 0
    for level in LEVELS:
        path = Path(sys.argv[1]) / f"{level}.xml"
        if not path.exists():
            print(f"{level}: no results")
            failed += 1
            continue
        cases = list(ElementTree.parse(path).iter("testcase"))
        bad = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
        left = sum(case.find("skipped") is not None for case in cases)
        print(f"{level}: {len(cases) - bad - left} of {len(cases)} passed")
        total, failed, skipped = total + len(cases), failed + bad, skipped + left
    print(f"{total - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
