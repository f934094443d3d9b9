"""Makes an inert picture of the SVG of a jar or a server, which is hostile whatever their settings say.

The SVG is read as XML (entities of its own are refused, nothing is loaded) and written anew from what is on
the lists below: known elements with known attributes whose values are of known shapes. A link is
replaced by what it shows; every other unknown element goes with all that is in it. What is written passes
``inert.is_inert``, which is asked all the same.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from .inert import ELEMENTS, PICTURE

_SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "http://www.w3.org/1999/xlink href"
_XML_SPACE = "http://www.w3.org/XML/1998/namespace space"
_NAMES = {name.lower(): name for name in ELEMENTS}
_SHOWN_INSTEAD = frozenset({"a", "switch"})  # what is in them stays
_DEPTH_AT_MOST = 200

_NUMBERS = re.compile(r"[-+0-9.eE,%\s]*(?:px|pt|em|%)?")
_WORDS = re.compile(r"[\w#.,%+\-\s/:*'\"]{0,500}")
_PATH = re.compile(r"[-+0-9.eE,\sMmLlHhVvCcSsQqTtAaZz]*")
_COLOUR = re.compile(
    r"#[0-9A-Fa-f]{3,8}|[A-Za-z]{1,30}|rgba?\([0-9.,%\s]*\)|hsla?\([0-9.,%\s]*\)|url\(#[\w:.-]+\)"
)
_TRANSFORM = re.compile(r"(?:(?:translate|rotate|scale|matrix|skewX|skewY)\([-+0-9.eE,\s]*\)[\s,]*)*")
_REFERENCE = re.compile(r"url\(#[\w:.-]+\)|none")
_IDENTIFIER = re.compile(r"[\w:.\-\s]{1,500}")
_TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\\]*")

_NUMERIC = (
    "x y x1 y1 x2 y2 cx cy fx fy r rx ry dx dy width height offset opacity fill-opacity stroke-opacity "
    "stop-opacity flood-opacity stroke-width stroke-dasharray stroke-dashoffset stroke-miterlimit textLength "
    "font-size letter-spacing word-spacing baseline-shift rotate viewBox points stdDeviation values k1 k2 k3 "
    "k4 version"
)
_PLAIN = (
    "font-family font-weight font-style font-variant text-anchor text-decoration dominant-baseline "
    "alignment-baseline lengthAdjust preserveAspectRatio stroke-linecap stroke-linejoin fill-rule clip-rule "
    "display visibility gradientUnits spreadMethod clipPathUnits filterUnits primitiveUnits type in in2 "
    "result mode operator color-interpolation-filters shape-rendering text-rendering image-rendering"
)
_ATTRIBUTES: dict[str, tuple[str, re.Pattern[str]]] = {
    name.lower(): (name, shape)
    for names, shape in (
        (_NUMERIC, _NUMBERS),
        (_PLAIN, _WORDS),
        ("d", _PATH),
        ("fill stroke color stop-color flood-color", _COLOUR),
        ("transform gradientTransform", _TRANSFORM),
        ("clip-path filter", _REFERENCE),
        ("id class", _IDENTIFIER),
    )
    for name in names.split()
}
# Of an inline style only what is an attribute, too, and the paper behind the picture.
_STYLES = {
    name: shape for name, (_, shape) in _ATTRIBUTES.items() if name not in ("id", "class", "d", "x", "y")
}
_STYLES["background"] = _STYLES["background-color"] = _COLOUR
_DATA = re.compile(r"data-[a-z][a-z0-9-]{0,60}")
_FOR_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_FOR_ATTRIBUTES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


class NotAPicture(Exception):
    """What was to be cleaned is no SVG, or holds what no SVG needs."""


def cleaned(svg: bytes | str) -> str:
    """Return an inert picture with what ``svg`` shows, beginning with ``<svg``; raises NotAPicture."""
    cleaner = _Cleaner()
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_declarations
    parser.StartElementHandler = cleaner.start
    parser.EndElementHandler = cleaner.end
    parser.CharacterDataHandler = cleaner.text
    try:
        parser.Parse(svg.encode(errors="replace") if isinstance(svg, str) else svg, True)
    except expat.ExpatError as error:
        raise NotAPicture(f"it is not well-formed: {error}") from None
    return cleaner.result()


def _refuse_declarations(name: str, system: str | None, public: str | None, declares: int) -> None:
    if declares:  # Graphviz names the type of SVG, which is no harm: expat loads nothing
        raise NotAPicture("it declares entities of its own")


class _Cleaner:
    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open: list[str] = []  # what is written at the end of each open element, "" where nothing is
        self._skipped = 0  # how deep within an element that goes whole

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) + self._skipped >= _DEPTH_AT_MOST:
            raise NotAPicture("it is nested too deeply")
        if self._skipped:
            self._skipped += 1
            return
        space, _, local = name.rpartition(" ")
        known = _NAMES.get(local.lower()) if space in (_SVG, "") else None
        if not self._open:
            if known != "svg":
                raise NotAPicture("it does not begin with <svg>")
            self._write("svg", attributes, root=True)
        elif known is not None:
            self._write(known, attributes)
        elif local.lower() in _SHOWN_INSTEAD:
            self._open.append("")
        else:
            self._skipped = 1

    def end(self, _: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        self._parts.append(self._open.pop())

    def text(self, data: str) -> None:
        if not self._skipped:
            self._parts.append(data.translate(_FOR_TEXT))

    def result(self) -> str:
        return "".join(self._parts)

    def _write(self, name: str, attributes: dict[str, str], *, root: bool = False) -> None:
        written = {"xmlns": _SVG} if root else {}
        written.update(
            kept
            for attribute, value in attributes.items()
            if (kept := _kept(name, attribute, value, root=root)) is not None
        )
        said = (f' {key}="{value.translate(_FOR_ATTRIBUTES)}"' for key, value in written.items())
        self._parts.append(f"<{name}{''.join(said)}>")
        self._open.append(f"</{name}>")


def _kept(element: str, attribute: str, value: str, *, root: bool) -> tuple[str, str] | None:
    """Return the name and the value that are written, None where nothing is."""
    if element == "image" and attribute in ("href", _XLINK_HREF):
        return ("href", value) if PICTURE.fullmatch(value) else None
    if attribute == _XML_SPACE:
        return ("xml:space", value) if value in ("preserve", "default") else None
    if attribute == "style":
        style = _style(value, root=root)
        return ("style", style) if style else None
    if _DATA.fullmatch(attribute):
        return (attribute, value) if _TEXT.fullmatch(value) else None
    name, shape = _ATTRIBUTES.get(attribute.lower(), ("", None))
    if shape is None or shape.fullmatch(value.strip()) is None:
        return None
    if name in ("fill", "stroke"):
        return name, _opaque(value.strip())
    return name, value.strip()


def _style(value: str, *, root: bool) -> str:
    kept = []
    for declaration in value.split(";"):
        name, colon, text = declaration.partition(":")
        name, text = name.strip().lower(), text.strip()
        if root and name in ("width", "height"):
            continue  # the attributes say it, and can be changed
        shape = _STYLES.get(name)
        if colon and shape is not None and shape.fullmatch(text):
            kept.append(f"{name}:{_opaque(text) if name in ('fill', 'stroke') else text}")
    return ";".join(kept)


def _opaque(colour: str) -> str:
    """Return the colour; what is wholly transparent turns black in some rasterisers."""
    return "none" if re.fullmatch(r"#[0-9A-Fa-f]{6}00", colour) else colour
