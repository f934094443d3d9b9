"""Whether an SVG is nothing but a picture: nothing in it runs, loads or leads elsewhere.

The engine makes no other ones, but what it runs was written by strangers, and a picture is shown with the
rights of who looks at it. So the parent believes nothing: it passes on what consists of known elements with
known attributes whose values are of known shapes. The list is a table that the browser has, too
(labextension/src/render/clean.ts). Text in the SVG is escaped by ``js/page.js``, so that ``<`` always begins
a tag and the next ``>`` ends it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from ...shared import patterns, table

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_TABLE = table("svg")
_PATTERNS = patterns("svg")
PICTURE = _PATTERNS["picture"]
TRANSPARENT = _PATTERNS["transparent"]
ELEMENTS: frozenset[str] = frozenset(_TABLE["elements"])
# What the value of an attribute must look like, by the attribute's name.
SHAPES = {name: _PATTERNS[shape] for shape, names in _TABLE["attributes"].items() for name in names}
# Of an inline style only what is an attribute, too; of the root's also the paper behind the picture.
_STYLES = {name: shape for name, shape in SHAPES.items() if name not in _TABLE["notInStyle"]}
_STYLES |= dict.fromkeys(_TABLE["onlyInStyle"], _PATTERNS["words"])
_ROOT_STYLES = _STYLES | dict.fromkeys(_TABLE["paper"], _PATTERNS["colour"])
_NAMESPACES = {"xmlns": SVG, "xmlns:xlink": XLINK}
_LINKS = frozenset({"href", "xlink:href"})
# Possessive, and no "<" within a tag: what ends nowhere is read once.
_TAG = re.compile(r"<(/?)([^\s/<>]*+)((?:[^\"<>]|\"[^\"<]*+\")*+)>")
_ATTRIBUTE = re.compile(r'\s+([a-zA-Z][\w:.-]*)="([^"]*)"|\s*/?$')


def is_inert(svg: str) -> bool:
    """Whether ``svg`` has known elements only, with known attributes that say what such attributes say."""
    tags = 0
    for tag in _TAG.finditer(svg):
        tags += 1
        if tag[2] not in ELEMENTS or (not tag[1] and not _is_harmless(tag[2], tag[3])):
            return False
    return tags > 0 and tags == svg.count("<")


def is_data(name: str, value: str) -> bool:
    """Whether an attribute is a note about the diagram, which nothing acts on."""
    return bool(_PATTERNS["dataName"].fullmatch(name) and _PATTERNS["text"].fullmatch(value))


def is_style(name: str, value: str, *, root: bool) -> bool:
    """Whether a declaration of an inline style says what such declarations say."""
    shape = (_ROOT_STYLES if root else _STYLES).get(name)
    return shape is not None and shape.fullmatch(value) is not None


def declarations(style: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of what an inline style says."""
    for declaration in style.split(";"):
        if declaration.strip():
            name, _, value = declaration.partition(":")
            yield name.strip(), value.strip()


def _is_harmless(element: str, attributes: str) -> bool:
    at = 0
    while at < len(attributes):
        found = _ATTRIBUTE.match(attributes, at)
        if found is None:
            return False
        at = found.end()
        if found[1] is None:
            break
        if not _is_known(element, found[1], html.unescape(found[2])):
            return False
    return True


def _is_known(element: str, name: str, value: str) -> bool:
    shape = SHAPES.get(name)
    if shape is not None:
        return shape.fullmatch(value.strip()) is not None
    if name in _LINKS:
        return element == "image" and PICTURE.fullmatch(value) is not None
    if name == "style":
        return all(is_style(key, said, root=element == "svg") for key, said in declarations(value))
    return _NAMESPACES.get(name) == value or is_data(name, value)
