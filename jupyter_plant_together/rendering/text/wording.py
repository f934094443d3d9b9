"""The engine's complaints in the words of people (labextension/src/render/wording.ts is its twin)."""

from __future__ import annotations

import re

_ASSUMED = re.compile(r"\s*\(Assumed diagram type: (.*?)\)\s*$")
_KNOWN = [
    (
        re.compile(r"cannot include (.*)$", re.IGNORECASE),
        "The file {} cannot be included: the built-in engine reads no other files.",
    ),
    (re.compile(r"Unknown built-in function (.*)$", re.IGNORECASE), "There is no built-in function {}."),
    (
        re.compile(r"Function not found (.*)$", re.IGNORECASE),
        "There is no procedure or function {} that takes these arguments.",
    ),
    (
        re.compile(r"You should send a mail to .*"),
        "The drawing engine failed at this line.",
    ),
    (re.compile(r"Infinite loop\?$", re.IGNORECASE), "This loop does not end."),
    (
        re.compile(r"Nowhere to return to\.?$", re.IGNORECASE),
        "Nobody is active here, so there is nothing to return to.",
    ),
    (
        re.compile(r"Cannot create group$", re.IGNORECASE),
        "There is no open group here for this line to end.",
    ),
    (
        re.compile(r"Use 'allowmixing' ", re.IGNORECASE),
        "A class diagram takes no other elements: write “allowmixing” in a line at the top to mix them.",
    ),
]
_CLASS = re.compile(r"^(?:\(JavaScript\) )?(?:(?:java|net)\.[\w.$]+|\w*Error)(?:: ?|$)")


def in_words(complaint: str) -> str:
    """Return what an error page says as a sentence; what is not known is passed on."""
    assumed = _ASSUMED.search(complaint)
    message = _ASSUMED.sub("", complaint).strip()
    if message.lower() == "syntax error?":
        return (
            f"This line is not understood (read as: {assumed[1]} diagram)."
            if assumed
            else "This line is not understood."
        )
    for pattern, sentence in _KNOWN:
        match = pattern.match(message)
        if match:
            return sentence.format(*match.groups())
    return message


def failure_in_words(error: str) -> str:
    """Return an exception of the engine as a sentence."""
    said = _CLASS.sub("", error).strip()
    return (
        f"The drawing engine failed: {said}"
        if said
        else "The drawing engine cannot make sense of this text; something in it is probably incomplete."
    )
