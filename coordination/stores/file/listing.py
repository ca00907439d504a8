"""Which records a folder holds: from file names back to keys."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from coordination.errors import StoreError
from coordination.record import LEASES, encode_segment
from coordination.stores.file import disk, record_file
from coordination.stores.file.layout import OWN, SUFFIX, Layout, is_hashed, stem

Spelling = Callable[[str], str | None]
"""From the stem of a file to the encoded name that it spells, or None."""


class Listing:
    """Lists the record files of one folder, alive or not."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def files(self, prefix: str) -> dict[str, Path]:
        """All record files under `prefix`, by key; where it ends within a name, all of its kind."""
        folder, start = self._layout.folder(prefix)
        contended = start.split("/")[1] != LEASES
        name, slash, _ = prefix[len(start) :].partition("/")
        if contended and slash:
            return _inside(folder / stem(name), f"{start}{name}/", _spelt)
        found = _inside(folder, start, _plain_segment)
        for entry in _entries(folder) if contended else []:
            if entry.is_dir(follow_symlinks=False) and (segment := _name_of_folder(entry)) is not None:
                found.update(_inside(Path(entry.path), f"{start}{segment}/", _spelt))
        return found


def _inside(folder: Path, start: str, spelt: Spelling) -> dict[str, Path]:
    """The record files right in `folder`; their keys begin with `start`."""
    files = [entry for entry in _entries(folder) if entry.name.endswith(SUFFIX)]
    named = ((_segment(entry, spelt), entry.path) for entry in files)
    return {start + name: Path(path) for name, path in named if name is not None}


def _segment(entry: os.DirEntry[str], spelt: Spelling) -> str | None:
    """The encoded name of a file; None if no name of ours is written like that."""
    text = entry.name[: -len(SUFFIX)]
    return _stated(entry, text) if is_hashed(text) else spelt(text)


def _name_of_folder(entry: os.DirEntry[str]) -> str | None:
    """The encoded name whose contenders lie in a folder; any record of theirs states one that is hashed."""
    if not is_hashed(entry.name):
        return _plain_segment(entry.name)
    stated = (_stated(inner, entry.name) for inner in _entries(Path(entry.path)))
    return next((segment for segment in stated if segment is not None), None)


def _stated(entry: os.DirEntry[str], text: str) -> str | None:
    """The encoded name that the record in a file states; None if its stem is not `text`."""
    try:
        content = disk.read(Path(entry.path))
        segment = encode_segment(record_file.decode(content or b"").name)
    except (ValueError, StoreError):
        return None
    return segment if stem(segment) == text else None


def _spelt(text: str) -> str | None:
    """The encoded name that a stem spells, if it is the way we spell it."""
    try:
        segment = encode_segment(unquote(text, errors="strict"))
    except ValueError:
        return None
    return segment if segment and stem(segment) == text else None


_plain_segment = functools.lru_cache(maxsize=16_384)(_spelt)
"""Remembered, for names; a contender's comes once and never again."""


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if entry.name != OWN]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise disk.translated(error, folder) from error
