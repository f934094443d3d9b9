"""Class diagrams of Python types, read from the types alone: nothing is called and nothing is imported."""

from __future__ import annotations

import enum
import inspect
import types
import typing
from dataclasses import is_dataclass
from typing import Any

from .labels import label


def classes(*types_: type, members: bool = True) -> str:
    """Return a class diagram of types: what they have themselves, and how they belong together.

    A hollow arrowhead is inheritance; any other arrow is a field whose annotation names another of the types.

    Parameters
    ----------
    *types_
        Classes, dataclasses, enums, protocols, abstract classes.
    members
        Whether public fields and methods are shown.

    Returns
    -------
    str
        The PlantUML text.

    Raises
    ------
    TypeError
        If something is no type.

    Examples
    --------
    >>> class Animal:
    ...     name: str
    ...     def speak(self): ...
    >>> class Dog(Animal): ...
    >>> print(classes(Animal, Dog))
    @startuml
    class "Animal" as c0 {
      {field} +name : str
      {method} +speak()
    }
    class "Dog" as c1 {
    }
    c0 <|-- c1
    @enduml
    """
    for one in types_:
        if not isinstance(one, type):
            raise TypeError(f"{one!r} is not a type.")
    aliases = {one: f"c{number}" for number, one in enumerate(dict.fromkeys(types_))}
    named = {one.__name__: one for one in types_}
    lines = ["@startuml"]
    for one, alias in aliases.items():
        lines += [f'{_kind(one)} "{label(one.__qualname__)}" as {alias}{_stereotype(one)} {{']
        lines += [f"  {line}" for line in _members(one, named)] if members else []
        lines += ["}"]
    for one, alias in aliases.items():
        for base in one.__bases__:
            if base in aliases:
                line = ".." if _is_protocol(base) and not _is_protocol(one) else "--"
                lines.append(f"{aliases[base]} <|{line} {alias}")
        for name, annotation in _annotations(one, named).items():
            for other in dict.fromkeys(_mentioned(annotation)):
                if other in aliases and not name.startswith("_"):
                    lines.append(f"{alias} --> {aliases[other]} : {label(name)}")
    return "\n".join([*lines, "@enduml"])


def _is_protocol(one: type) -> bool:
    return bool(getattr(one, "_is_protocol", False))


def _kind(one: type) -> str:
    if issubclass(one, enum.Enum):
        return "enum"
    if _is_protocol(one):
        return "interface"
    return "abstract class" if inspect.isabstract(one) else "class"


def _stereotype(one: type) -> str:
    return " <<dataclass>>" if is_dataclass(one) else ""


def _members(one: type, named: dict[str, type]) -> list[str]:
    if issubclass(one, enum.Enum):
        return [f"{{field}} {label(name)}" for name in one.__members__]
    fields, methods = [], []
    for name, annotation in _annotations(one, named).items():
        if not name.startswith("_"):
            static = "{static} " if typing.get_origin(annotation) is typing.ClassVar else ""
            fields.append(f"{{field}} {static}+{label(name)} : {label(_named(annotation))}")
    for name, value in vars(one).items():
        if name.startswith("_"):
            continue
        if isinstance(value, property):
            returned = inspect.get_annotations(value.fget).get("return") if value.fget else None
            shown = f" : {label(_named(returned))}" if returned is not None else ""
            fields.append(f"{{field}} +{label(name)}{shown}")
        elif isinstance(value, types.FunctionType | staticmethod | classmethod):
            methods.append(_method(name, value))
    return fields + methods


def _method(name: str, value: Any) -> str:
    function = value.__func__ if isinstance(value, staticmethod | classmethod) else value
    marks = "{static} " if isinstance(value, staticmethod | classmethod) else ""
    marks += "{abstract} " if getattr(value, "__isabstractmethod__", False) else ""
    code = getattr(inspect.unwrap(function), "__code__", None)
    names = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]) if code is not None else []
    if names and not isinstance(value, staticmethod):
        del names[0]
    returned = inspect.get_annotations(function).get("return")
    shown = f" : {label(_named(returned))}" if returned not in (None, "None") else ""
    return f"{{method}} {marks}+{label(name)}({label(', '.join(names))}){shown}"


def _annotations(one: type, named: dict[str, type]) -> dict[str, Any]:
    """Return the type's own annotations, as types where that can be found out; ``named`` are known ones."""
    found = inspect.get_annotations(one)
    for name, annotation in found.items():
        # Each in a class of its own, so that one that names nothing known does not hide the others.
        alone = type("Alone", (), {"__module__": one.__module__, "__annotations__": {name: annotation}})
        try:
            found[name] = typing.get_type_hints(alone, localns=named)[name]
        except (NameError, TypeError, AttributeError, SyntaxError):
            pass  # shown as it is written
    return found


def _mentioned(annotation: Any) -> list[Any]:
    """Return the types that an annotation is made of."""
    parts = typing.get_args(annotation)
    if not parts:
        return [annotation] if isinstance(annotation, type) else []
    return [found for part in parts for found in _mentioned(part)]


def _named(annotation: Any) -> str:
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not typing.get_args(annotation):
        return annotation.__qualname__
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.ClassVar and parts:
        return _named(parts[0])
    if origin in (typing.Union, types.UnionType):
        return " | ".join("None" if part is type(None) else _named(part) for part in parts)
    if isinstance(origin, type) and parts:
        inside = ", ".join("..." if part is ... else _named(part) for part in parts)
        return f"{origin.__qualname__}[{inside}]"
    return str(annotation).replace("typing.", "")
