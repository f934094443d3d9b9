"""Files that are written whole or not at all: a draft beside the file takes its place at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """Open a draft that replaces ``target`` if the block ends well, and is gone otherwise."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with draft.open("wb+") as file:
            yield file
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(target: Path, data: bytes) -> None:
    """Write ``data`` into ``target``, all of it or nothing; blocks, and raises OSError."""
    with whole_file(target) as file:
        file.write(data)
