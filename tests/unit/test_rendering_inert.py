"""What passes as a picture. What strangers' texts make of the engine is not believed."""

from __future__ import annotations

import pytest

from jupyter_plant_together.rendering.svg.inert import is_inert

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
PIXEL = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    "inside",
    [
        '<g><rect x="1" style="stroke:#000000" fill="none"/><text y="2">a &lt;script&gt; "b" onload="x"</text></g>',
        f'<image href="{PIXEL}" width="1"/>',
        '<defs><linearGradient id="g1"><stop offset="0%"/></linearGradient></defs><rect fill="url(#g1)"/>',
        '<text font-family="a &gt; b">url(http://x) @import</text>',
    ],
)
def test_a_picture_passes(inside: str) -> None:
    assert is_inert(f"{HEAD}{inside}</svg>")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<SCRIPT>alert(1)</SCRIPT>",
        "<style>@import 'x'</style>",
        '<a href="javascript:alert(1)"><text>x</text></a>',
        "<foreignObject><p/></foreignObject>",
        '<use href="#x"/>',
        '<animate attributeName="href"/>',
        '<set attributeName="onload"/>',
        '<g onload="x"/>',
        '<g OnClick="x"/>',
        "<g onload=x/>",
        "<g onload='x'/>",
        '<g/onload="x"/>',
        '<image href="/etc/passwd"/>',
        '<image href="file:///etc/passwd"/>',
        '<image xlink:href="http://127.0.0.1/x.png"/>',
        '<image href="data:image/svg+xml;base64,PHN2Zy8+"/>',
        '<image href="data:text/html,x"/>',
        '<rect fill="url(http://127.0.0.1/x)"/>',
        '<rect style="background:url( //x )"/>',
        '<rect style="fill:\\75rl(x)"/>',
        "<!-- <g> -->",
        '<!DOCTYPE svg [<!ENTITY e SYSTEM "/etc/passwd">]>',
        "<?xml-stylesheet href='x'?>",
        "<![CDATA[<script>]]>",
        "<g",
    ],
)
def test_what_runs_loads_or_leads_elsewhere_does_not(inside: str) -> None:
    assert not is_inert(f"{HEAD}{inside}</svg>")


def test_what_is_no_svg_does_not() -> None:
    assert not is_inert("") and not is_inert("plain text")
