"""Which records a folder holds: from file names back to keys."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from urllib.parse import unquote

from coordination.errors import StoreError
from coordination.record import LEASES, encode_segment
from coordination.stores.file import disk, record_file
from coordination.stores.file.layout import OWN, SUFFIX, Layout, is_hashed, stem


class Listing:
    """Lists the record files of one folder, alive or not."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def files(self, prefix: str) -> dict[str, Path]:
        """All record files of the kind that `prefix` begins with, by key."""
        folder, start = self._layout.folder(prefix)
        found: dict[str, Path] = {}
        for entry in _entries(folder):
            if entry.name.endswith(SUFFIX):
                if (segment := _segment(entry)) is not None:
                    found[start + segment] = Path(entry.path)
            elif start.split("/")[1] != LEASES and entry.is_dir(follow_symlinks=False):
                name = unquote(entry.name)
                for inner in _entries(Path(entry.path)):
                    if inner.name.endswith(SUFFIX) and (segment := _segment(inner)) is not None:
                        found[f"{start}{encode_segment(name)}/{segment}"] = Path(inner.path)
        return found


def _segment(entry: os.DirEntry[str]) -> str | None:
    """The encoded name of a file; None if no name of ours is written like that."""
    text = entry.name[: -len(SUFFIX)]
    if not is_hashed(text):
        return _plain_segment(text)
    try:
        content = disk.read(Path(entry.path))
        segment = encode_segment(record_file.decode(content or b"").name)
    except (ValueError, StoreError):
        return None
    return segment if stem(segment) == text else None


@functools.lru_cache(maxsize=16_384)
def _plain_segment(text: str) -> str | None:
    """The encoded name that a stem spells, if it is the way we spell it."""
    try:
        segment = encode_segment(unquote(text, errors="strict"))
    except ValueError:
        return None
    return segment if segment and stem(segment) == text else None


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if entry.name != OWN]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise disk.translated(error, folder) from error
