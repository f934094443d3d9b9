"""Diagrams of plain data: messages, transitions, JSON."""

from __future__ import annotations

import json as _json
from collections.abc import Iterable, Mapping
from typing import Any

from .labels import label

Message = tuple[object, object, object]
Transition = tuple[object, object, object]


def sequence(trace: Iterable[Message]) -> str:
    """Return a sequence diagram of messages.

    Parameters
    ----------
    trace
        ``(from, to, what)`` in the order of time; participants appear as they come.

    Returns
    -------
    str
        The PlantUML text.

    Examples
    --------
    >>> print(sequence([("shop", "bank", "pay(3)"), ("bank", "shop", "ok")]))
    @startuml
    participant "shop" as p0
    participant "bank" as p1
    p0 -> p1 : pay(3)
    p1 -> p0 : ok
    @enduml
    """
    names: dict[str, str] = {}
    lines = []
    for sender, receiver, what in trace:
        one, other = (names.setdefault(str(who), f"p{len(names)}") for who in (sender, receiver))
        said = label(what)
        lines.append(f"{one} -> {other}" + (f" : {said}" if said else ""))
    participants = [f'participant "{label(name)}" as {alias}' for name, alias in names.items()]
    return _block("uml", [*participants, *lines])


def state(transitions: Iterable[Transition] | Mapping[tuple[Any, Any], object]) -> str:
    """Return a state diagram.

    Parameters
    ----------
    transitions
        ``(state, event, next state)``, or a mapping from ``(state, event)`` to the next state. ``None`` as a
        state is the beginning or the end.

    Returns
    -------
    str
        The PlantUML text.

    Examples
    --------
    >>> print(state([(None, "", "open"), ("open", "close", "closed")]))
    @startuml
    state "open" as s0
    state "closed" as s1
    [*] --> s0
    s0 --> s1 : close
    @enduml
    """
    if isinstance(transitions, Mapping):
        transitions = [(before, event, after) for (before, event), after in transitions.items()]
    names: dict[str, str] = {}
    lines = []
    for before, event, after in transitions:
        one, other = (
            "[*]" if which is None else names.setdefault(str(which), f"s{len(names)}")
            for which in (before, after)
        )
        said = label(event)
        lines.append(f"{one} --> {other}" + (f" : {said}" if said else ""))
    return _block("uml", [*(f'state "{label(name)}" as {alias}' for name, alias in names.items()), *lines])


def json(data: Any) -> str:
    """Return a diagram of data as JSON; what JSON does not know is shown as its ``str``.

    Parameters
    ----------
    data
        Dictionaries, lists, texts, numbers.

    Returns
    -------
    str
        The PlantUML text.

    Raises
    ------
    ValueError
        If the data contains itself.

    Examples
    --------
    >>> print(json({"name": "Ada"}))
    @startjson
    {
      "name": "Ada"
    }
    @endjson
    """
    known = _json.loads(_json.dumps(data, default=str))
    return _block("json", [_json.dumps(_labelled(known), indent=2, ensure_ascii=False)])


def _labelled(data: Any) -> Any:
    if isinstance(data, dict):
        return {label(key): _labelled(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_labelled(value) for value in data]
    return label(data) if isinstance(data, str) else data


def _block(kind: str, lines: list[str]) -> str:
    return "\n".join([f"@start{kind}", *lines, f"@end{kind}"])
