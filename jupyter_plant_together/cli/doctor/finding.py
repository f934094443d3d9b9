"""What an examination finds, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one part; ``advice`` is what to do where it is not well."""

    part: str
    state: Literal["ok", "warning", "error"]
    message: str
    advice: str = ""
