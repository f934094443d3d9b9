"""Writes ``labextension/src/shared/`` from the tables in ``jupyter_plant_together/shared/``.

What is written is committed: nothing is to be made before the frontend can be checked or tested, and the
sentences stand in it as they must for whoever collects texts to be translated, as literals in ``trans.__()``.
Run it after a change of a table; ``--check`` says whether it was forgotten, and so does a test.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from jupyter_plant_together.shared import BLANK, parameters  # noqa: E402 - found by the line above

TABLES = ROOT / "jupyter_plant_together" / "shared"
TARGET = ROOT / "labextension" / "src" / "shared"
HEAD = "// Written by tools/tables.py from jupyter_plant_together/shared/{}.json.\n"


def modules() -> dict[Path, str]:
    """Return the text of each module by its path."""
    found = {}
    for path in sorted(TABLES.glob("*.json")):
        table = json.loads(path.read_text("utf-8"))
        body = _sentences(table) if path.stem == "sentences" else _constants(path.stem, table)
        found[TARGET / f"{path.stem}.ts"] = HEAD.format(path.stem) + body
    return found


def _constants(name: str, table: dict[str, Any]) -> str:
    return f"export const {name} = {_literal(table, '', '')} as const;\n"


def _literal(value: Any, key: str, indent: str, *, is_pattern: bool = False) -> str:
    within = f"{indent}  "
    if isinstance(value, dict):
        rows = [
            f"{within}{_key(name)}: "
            f"{_literal(one, name, within, is_pattern=key == 'patterns' or name == 'pattern')}"
            for name, one in value.items()
        ]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list):
        rows = [within + _literal(one, "", within) for one in value]
        return "[\n" + ",\n".join(rows) + f"\n{indent}]"
    return _pattern(value) if is_pattern else _string(value) if isinstance(value, str) else json.dumps(value)


def _pattern(text: str) -> str:
    slashes = re.sub(r"(?<!\\)/", r"\/", text.replace("%s", BLANK))
    return f"/{slashes}/is"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else _string(name)


def _string(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _sentences(table: dict[str, str]) -> str:
    rows = []
    for name, text in table.items():
        names = parameters(text)
        literal = text
        for number, parameter in enumerate(names, 1):
            literal = literal.replace(f"{{{parameter}}}", f"%{number}")
        taken = "".join(f", {parameter}: string" for parameter in names)
        given = "".join(f", {parameter}" for parameter in names)
        rows.append(
            f"  {name}: (trans: TranslationBundle{taken}): string =>\n    trans.__({_string(literal)}{given})"
        )
    return (
        "import type { TranslationBundle } from '@jupyterlab/translation';\n\n"
        "export const sentences = {\n" + ",\n".join(rows) + "\n};\n"
    )


def main(*, check: bool) -> int:
    """Write the modules, or tell whether they are as they would be written."""
    wanted = modules()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    gone = [path for path in TARGET.glob("*.ts") if path not in wanted]
    if check:
        for path in (*stale, *gone):
            print(f"{path.relative_to(ROOT)} is not what the tables say: run tools/tables.py.")
        return 1 if stale or gone else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for path in stale:
        path.write_text(wanted[path], "utf-8")
    for path in gone:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
