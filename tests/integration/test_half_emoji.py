"""A10: edits between the halves of an emoji, made by yjs, leave every client, newcomers and the server equal."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pycrdt
import pytest

from jupyter_plant_together.yjs.integrator import Integrator, merged
from jupyter_plant_together.yjs.replay import TextHistory

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "data" / "half_emoji.mjs"


def node(**settings: Any) -> Any:
    program = shutil.which("node")
    assert program is not None, "Node is needed: .ci/install brings it"
    done = subprocess.run(
        [program, "--input-type=module", "--eval", SCRIPT.read_text(), json.dumps(settings)],
        cwd=ROOT / "labextension",  # where its node_modules are
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a10_1000_edits_that_split_emoji_leave_all_equal(seed):
    made = [(client, b64decode(update)) for client, update in node(seed=seed, edits=250)]
    chance = random.Random(seed)
    doc: pycrdt.Doc = pycrdt.Doc()
    integrator, sent = Integrator(doc), []
    for _, update in made:  # as a live document does: relayed first, then applied, and repairs relayed
        integrator.push(update)
        integrator.finish()
        sent += [update, *integrator.repaired]
        integrator.repaired.clear()
    assert len(sent) > len(made)
    text = str(doc.get("source", type=pycrdt.Text))

    shuffled = [update for _, update in made]
    chance.shuffle(shuffled)
    state = merged(shuffled)  # another replica, which read them from the journal in another order
    rows = TextHistory({})
    for number, (_, update) in enumerate(made):
        rows.replay(number, "ada", update)
    assert {state[1], merged([doc.get_update()])[1], rows.text()} == {text}

    # each client has its own edits first, in their order, among what it hears
    clients = [[*(u for c, u in made if c == client), *sent] for client in (1, 2, 300)]
    joiners = [[doc.get_update()], [state[0]], [*sent, state[0]]]
    texts = node(
        seed=seed, take=[[b64encode(u).decode() for u in updates] for updates in (*clients, *joiners)]
    )
    assert set(texts) == {text}
