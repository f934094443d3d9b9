"""Labels: what PlantUML would read as markup, or as a call of its preprocessor, is written by code point."""

from __future__ import annotations

import re

# Pairs are bold, italic, underlined and the like; the other characters begin tags, calls, variables, escapes.
_MARKUP = re.compile(r'([*/_~"-])(?=\1)|[<\\"]|%(?=\w)|\$(?=\w)|^[ \t]*[!\'|@}{=.+#~*-]')


def label(text: object) -> str:
    """Return ``str(text)`` for use as a label; its lines stay lines."""
    return r"\n".join(_MARKUP.sub(_by_code_point, line) for line in str(text).splitlines())


def _by_code_point(match: re.Match[str]) -> str:
    return "".join(f"<U+{ord(char):04X}>" for char in match[0])
