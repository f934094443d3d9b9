"""The engine's complaints in the words of people (labextension/src/render/wording.ts is its twin).

It speaks of its own parts ("Assumed diagram type", Java classes); what is not known is passed on.
"""

from __future__ import annotations

from ...shared import pattern, patterns, sentence, table
from .blocks import stripped

_PATTERNS = patterns("answers")
_COMPLAINTS = [(pattern(one["pattern"]), one["sentence"]) for one in table("answers")["complaints"]]


def in_words(complaint: str) -> str:
    """Return what an error page says as a sentence."""
    assumed = _PATTERNS["assumed"].search(complaint)
    message = stripped(assumed[1] if assumed else complaint)
    if _PATTERNS["notUnderstood"].search(message):
        return sentence("notUnderstoodAs", assumed[2]) if assumed else sentence("notUnderstood")
    for known, name in _COMPLAINTS:
        match = known.search(message)
        if match:
            return sentence(name, *match.groups())
    return message


def failure_in_words(error: str) -> str:
    """Return an exception of the engine as a sentence."""
    said = stripped(_PATTERNS["exception"].sub("", error))
    return sentence("engineFailed", said) if said else sentence("engineLost")
