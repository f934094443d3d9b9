"""What a foreign SVG is made into: nothing but a picture, which looks as it did."""

from __future__ import annotations

import pytest

from jupyter_plant_together.rendering.svg.clean import NotAPicture, cleaned
from jupyter_plant_together.rendering.svg.inert import is_inert

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def clean(inside: str) -> str:
    """What is left of an element, without the <svg> around it."""
    svg = cleaned(f"<svg {SVG}>{inside}</svg>")
    assert is_inert(svg)
    head = '<svg xmlns="http://www.w3.org/2000/svg">'
    assert svg.startswith(head) and svg.endswith("</svg>")
    return svg[len(head) : -len("</svg>")]


@pytest.mark.parametrize(
    "kept",
    [
        '<rect x="1" y="2.5" width="10" height="20" rx="2" fill="#E2E2F0" style="stroke:#181818;stroke-width:0.5"></rect>',
        '<text x="1" font-family="sans-serif" font-size="14" lengthAdjust="spacing" textLength="9.5">A &lt; "B" &amp; C</text>',
        '<g class="entity" id="ent0002" data-qualified-name="A.B" data-source-line="1"><title>A</title></g>',
        '<path d="M2,3 L4,5 C1e2,-3 .5,6 7 8 Z" fill="none"></path>',
        '<polygon points="1,2 3,4" fill="rgb(1,2,3)"></polygon>',
        '<g transform="scale(1 1) rotate(0) translate(4 112)"></g>',
        '<defs><linearGradient id="g1" x1="0%"><stop offset="0%" stop-color="#FFF"></stop></linearGradient></defs>'
        '<rect fill="url(#g1)"></rect>',
        f'<image width="1" height="1" href="{PIXEL}"></image>',
        '<text xml:space="preserve">a  b</text>',
    ],
)
def test_what_a_picture_needs_is_kept(kept: str) -> None:
    assert clean(kept) == kept


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        ("<script>alert(1)</script><rect/>", "<rect></rect>"),
        ("<SCRIPT>alert(1)</SCRIPT>", ""),
        ("<style>@import 'x'</style>", ""),
        ("<g onload='x' ONCLICK='x'/>", "<g></g>"),
        ("<a xlink:href='javascript:x'><text>shown</text></a>", "<text>shown</text>"),
        ("<a href='data:text/html,x'><script>x</script><text>shown</text></a>", "<text>shown</text>"),
        ("<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>", ""),
        ("<h:script xmlns:h='http://www.w3.org/1999/xhtml'>x</h:script>", ""),
        ("<h:rect xmlns:h='http://www.w3.org/1999/xhtml'/>", ""),
        ("<use xlink:href='#x'/><animate attributeName='href'/><set attributeName='onload'/>", ""),
        ("<image href='http://127.0.0.1/x.png'/>", "<image></image>"),
        ("<image xlink:href='/etc/passwd'/>", "<image></image>"),
        ("<image href='data:image/svg+xml;base64,PHN2Zy8+'/>", "<image></image>"),
        ("<rect href='x' src='x' xlink:href='x' xml:base='//x'/>", "<rect></rect>"),
        ("<rect fill='url(http://127.0.0.1/x)' filter='url(//x#y)'/>", "<rect></rect>"),
        (
            "<rect style='background:url(//x);fill:red;behavior:url(#x);-moz-binding:url(#x)'/>",
            '<rect style="fill:red"></rect>',
        ),
        ("<rect style='fill:\\75rl(x);stroke:expression(1)'/>", "<rect></rect>"),
        ("<text>&#60;script&#62;</text>", "<text>&lt;script&gt;</text>"),
        ("<text><![CDATA[<script>]]></text>", "<text>&lt;script&gt;</text>"),
        ("<!-- <script> --><?php x?>", ""),
        ("<rect Fill='red' fill='blue'/>", '<rect fill="blue"></rect>'),
        (
            "<rect fill='#00000000' style='stroke:#12345600'/>",
            '<rect fill="none" style="stroke:none"></rect>',
        ),
        ('<g data-x="a&quot; onload=&quot;x"/>', '<g data-x="a&quot; onload=&quot;x"></g>'),
    ],
)
def test_what_runs_loads_or_leads_elsewhere_is_gone(hostile: str, left: str) -> None:
    assert clean(hostile) == left


def test_the_size_is_in_attributes_alone_so_that_it_can_be_changed() -> None:
    svg = cleaned(f'<?xml version="1.0"?><svg {SVG} width="82px" style="width:82px;background:#FFF"/>')
    assert svg == '<svg xmlns="http://www.w3.org/2000/svg" width="82px" style="background:#FFF"></svg>'


def test_graphviz_may_name_the_type_of_its_document() -> None:
    head = (
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    )
    assert is_inert(cleaned(f"{head}<svg {SVG}/>"))


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "text",
        "<html/>",
        "<svg",
        f"<svg {SVG}/><svg {SVG}/>",
        f'<!DOCTYPE svg [<!ENTITY e "x">]><svg {SVG}>&e;</svg>',
        f'<!DOCTYPE svg [<!ENTITY % e SYSTEM "file:///etc/passwd"> %e;]><svg {SVG}/>',
        f"<svg {SVG}>&undefined;</svg>",
        f"<svg {SVG}>" + "<g>" * 1_000 + "</g>" * 1_000 + "</svg>",
        f"<svg {SVG}>" + "<x>" * 1_000 + "</x>" * 1_000 + "</svg>",
        "<svg xmlns='http://www.w3.org/1999/xhtml'/>",
    ],
)
def test_what_is_no_picture_is_refused(wrong: str) -> None:
    with pytest.raises(NotAPicture):
        cleaned(wrong)
