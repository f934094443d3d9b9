"""Whether an SVG is nothing but a picture: nothing in it runs, loads or leads elsewhere.

The engine makes no other ones, but what it runs was written by strangers, and a picture is shown with the
rights of who looks at it. So the parent believes nothing: it passes on what consists of known elements only.
Text in the SVG is escaped by ``js/page.js``, so that ``<`` always begins a tag and the next ``>`` ends it.
"""

from __future__ import annotations

import re

ELEMENTS = frozenset(
    "svg g defs title text tspan rect line path polygon polyline ellipse circle image linearGradient stop "  # noqa: SIM905
    "radialGradient filter feGaussianBlur feOffset feColorMatrix feBlend feFlood feComposite feMerge "
    "feMergeNode clipPath".split()
)
_TAG = re.compile(r"<(/?)([^\s/>]*)((?:[^\">]|\"[^\"]*\")*)>")
_ATTRIBUTES = re.compile(r'\s+([a-zA-Z][\w:.-]*)="([^"]*)"|\s*/?$')
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")
_LEADING = frozenset({"href", "xlink:href", "src"})
_ELSEWHERE = re.compile(r"url\s*\((?!\s*#)|@import|expression\s*\(|\\", re.IGNORECASE)


def is_inert(svg: str) -> bool:
    """Whether ``svg`` has known elements only, no handlers, and no addresses but of pictures within it."""
    tags = 0
    for tag in _TAG.finditer(svg):
        tags += 1
        if tag[2] not in ELEMENTS or (not tag[1] and not _harmless(tag[3])):
            return False
    return tags > 0 and tags == svg.count("<")


def _harmless(attributes: str) -> bool:
    at = 0
    while at < len(attributes):
        found = _ATTRIBUTES.match(attributes, at)
        if found is None:
            return False
        at = found.end()
        if found[1] is None:
            break
        name, value = found[1].lower(), found[2]
        if name.startswith("on") or (name in _LEADING and PICTURE.fullmatch(value) is None):
            return False
        if name in ("style", "fill", "stroke", "filter") and _ELSEWHERE.search(value):
            return False
    return True
