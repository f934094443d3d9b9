"""Makes an inert picture of the SVG of a jar or a server, which is hostile whatever their settings say.

The SVG is read as XML (entities of its own are refused, nothing is loaded) and written anew from what is on
the list that ``inert`` has, too: known elements, known attributes whose values are of known shapes. A link
is replaced by what it shows; every other unknown element goes with all that is in it. What is written passes
``inert.is_inert``, which is asked all the same.
"""

from __future__ import annotations

from xml.parsers import expat

from .inert import ELEMENTS, PICTURE, SHAPES, SVG, TRANSPARENT, XLINK, declarations, is_data, is_style

_XLINK_HREF = f"{XLINK} href"
_XML_SPACE = "http://www.w3.org/XML/1998/namespace space"
_NAMES = {name.lower(): name for name in ELEMENTS}
_ATTRIBUTES = {name.lower(): name for name in SHAPES}
_SHOWN_INSTEAD = frozenset({"a", "switch"})  # what is in them stays
_DEPTH_AT_MOST = 200
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
        known = _NAMES.get(local.lower()) if space in (SVG, "") else None
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
        written = {"xmlns": SVG} if root else {}
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
    if attribute == "style":
        style = _style(value, root=root)
        return ("style", style) if style else None
    if is_data(attribute, value):
        return attribute, value
    name = "xml:space" if attribute == _XML_SPACE else _ATTRIBUTES.get(attribute.lower(), "")
    value = value.strip()
    if name not in SHAPES or SHAPES[name].fullmatch(value) is None:
        return None
    return name, _opaque(value) if name in ("fill", "stroke") else value


def _style(style: str, *, root: bool) -> str:
    kept = []
    for name, value in declarations(style):
        key = name.lower()
        if root and key in ("width", "height"):
            continue  # the attributes say it, and can be changed
        if is_style(key, value, root=root):
            kept.append(f"{key}:{_opaque(value) if key in ('fill', 'stroke') else value}")
    return ";".join(kept)


def _opaque(colour: str) -> str:
    """Return the colour; what is wholly transparent turns black in some rasterisers."""
    return "none" if TRANSPARENT.fullmatch(colour) else colour
