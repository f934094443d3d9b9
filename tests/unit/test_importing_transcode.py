"""Updates of yjs in format V2 become what yjs itself makes of them in format V1, byte for byte."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_plant_together.errors import Malformed
from jupyter_plant_together.yjs.v2 import v1_renamed, v2_to_v1

ROOT = Path(__file__).parents[2]
# Client 1 typed "@startuml\n" into the text "monaco".
V1 = bytes.fromhex("010101000401066d6f6e61636f0a407374617274756d6c0a00")
V2 = bytes.fromhex("000001010000010413106d6f6e61636f407374617274756d6c0a060a0101000001010000")


@pytest.fixture(scope="module")
def samples() -> list[dict[str, Any]]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    node = shutil.which("node", path=path)
    assert node is not None, "Node is needed: .ci/install brings it"
    script = (ROOT / "tests" / "data" / "yjs_updates.mjs").read_text()
    made = subprocess.run(
        [node, "--input-type=module", "--eval", script, "7"],
        cwd=ROOT / "labextension",
        capture_output=True,
        check=True,
        timeout=60,
    )
    lines = [json.loads(line) for line in made.stdout.splitlines()]
    return [
        {**line, "v1": base64.b64decode(line["v1"]), "v2": base64.b64decode(line["v2"])} for line in lines
    ]


def text_of(update: bytes, name: str) -> str:
    doc = pycrdt.Doc()
    doc.apply_update(update)
    return str(doc.get(name, type=pycrdt.Text))


def test_the_golden_vector() -> None:
    assert v2_to_v1(V2) == V1
    assert text_of(v2_to_v1(V2, {"monaco": "source"}), "source") == "@startuml\n"
    assert v1_renamed(V1, {"monaco": "source"}) == v2_to_v1(V2, {"monaco": "source"})
    assert v1_renamed(V1, {}) == V1


def test_what_yjs_makes_of_its_own_updates(samples: list[dict[str, Any]]) -> None:
    assert len(samples) > 500
    for sample in samples:
        if sample["name"] != "all kinds":
            assert v2_to_v1(sample["v2"]) == sample["v1"], sample["name"]
            assert v1_renamed(sample["v1"], {}) == sample["v1"], sample["name"]


def test_texts_under_another_name(samples: list[dict[str, Any]]) -> None:
    names = {"monaco": "source"}
    texts = [sample for sample in samples if sample["text"] is not None]
    assert len(texts) > 50
    for sample in texts:
        assert text_of(v2_to_v1(sample["v2"], names), "source") == sample["text"]
        assert text_of(v1_renamed(sample["v1"], names), "source") == sample["text"]
        assert text_of(v2_to_v1(sample["v2"], names), "monaco") == ""


def test_content_that_a_diagram_does_not_have(samples: list[dict[str, Any]]) -> None:
    """Formats, embeds, maps, arrays, XML, numbers of each kind."""
    (sample,) = [sample for sample in samples if sample["name"] == "all kinds"]
    assert v2_to_v1(sample["v2"]) == sample["v1"]


@pytest.mark.parametrize("read", [v2_to_v1, lambda data: v1_renamed(data, {})], ids=["V2", "V1"])
def test_damaged_updates_are_refused_in_words(read: Any, samples: list[dict[str, Any]]) -> None:
    whole = [V1, V2, *(sample[key] for sample in samples[:60] for key in ("v1", "v2"))]
    for update in whole:
        for end in range(0, len(update), 1 + len(update) // 40):
            damaged = update[:end]
            try:
                read(damaged)
            except Malformed as error:
                assert error.message
    with pytest.raises(Malformed):
        read(b"")
    with pytest.raises(Malformed, match="behind its end"):
        read((V2 if read is v2_to_v1 else V1) + b"\0")


@given(st.binary(max_size=60))
def test_any_bytes_are_an_update_or_malformed(data: bytes) -> None:
    for read in (v2_to_v1, lambda update: v1_renamed(update, {})):
        try:
            read(data)
        except Malformed:
            pass


@given(st.integers(0, len(V2) - 1), st.integers(0, 255))
def test_one_wrong_byte(at: int, value: int) -> None:
    damaged = bytearray(V2)
    damaged[at] = value
    try:
        v2_to_v1(bytes(damaged))
    except Malformed:
        pass
