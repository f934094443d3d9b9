"""What the server and the browser both know, once: tables in JSON.

Python reads them here; ``tools/tables.py`` writes ``labextension/src/shared/`` from them, and a test holds
that the two agree. What is beneath ``patterns`` or ``pattern`` is a regular expression in the words that
Python and JavaScript share: ``\\w`` and ``\\b`` are ASCII, ``.`` is any character, upper case is lower case,
``%s`` is a blank within a line. ``sentences.json`` has what is told to people, with names for what is put in.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any, Final

# All that JavaScript trims and Java's users type, but for line ends.
BLANK: Final = r"[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"


@cache
def table(name: str) -> Any:
    """Return a table; whoever reads it does not change it."""
    return json.loads(files(__name__).joinpath(f"{name}.json").read_text("utf-8"))


def pattern(text: str) -> re.Pattern[str]:
    """Return a regular expression of a table, to be used with ``search``."""
    return re.compile(text.replace("%s", BLANK), re.ASCII | re.IGNORECASE | re.DOTALL)


def patterns(name: str) -> dict[str, re.Pattern[str]]:
    """Return the regular expressions of a table."""
    return {key: pattern(text) for key, text in table(name)["patterns"].items()}


def sentence(name: str, *about: object) -> str:
    """Return a sentence for people, with what it is about in the order of its first mention."""
    text: str = table("sentences")[name]
    values = dict(zip(parameters(text), about, strict=True))
    return text.format_map(values)


def parameters(text: str) -> list[str]:
    """Return the names of what is put into a sentence, each once, in order."""
    return list(dict.fromkeys(re.findall(r"\{(\w+)\}", text)))
