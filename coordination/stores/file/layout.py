"""Where things lie: keys to paths and back, without letting any name out of the folder.

A lease NAME without namespace is `FOLDER/NAME.json`, beside the records of programs in other
languages. What only we need is under `FOLDER/.coordination/`, mirrored: lock sidecars, counters,
sessions, data. Other kinds and namespaces live under `@KIND` and `@ns`, which no encoded name can
spell. Stems decode to their names; the few that would be too long for a file system end in a hash,
and the record inside states the name.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from coordination.record import DATA, LEASES

OWN = ".coordination"
SUFFIX = ".json"
LONGEST_STEM = 180
"""Leaves room for every suffix within the 255 bytes of the common file systems."""

_HASHED = "%~"
_DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one key. `foreign_lock` is liblease's lock folder, for kinds others may write."""

    key: str
    record: Path
    lock: Path
    counter: Path
    scratch: Path
    foreign_lock: Path | None


class Layout:
    """Paths below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.own = root / OWN
        self.sessions = self.own / "@sessions"
        self.data = self.own / "data.sqlite3"
        self.place = functools.lru_cache(maxsize=32)(self._place)

    def _place(self, key: str) -> Place:
        """The files of `key`."""
        namespace, kind, *names = key.split("/")
        folder = self._branch(namespace, kind)
        stems = [stem(name) for name in names]
        record = self.root.joinpath(folder, *stems[:-1], stems[-1] + SUFFIX)
        scope = self.own.joinpath(folder, stems[0])
        scratch = self.own.joinpath(folder, "+".join(stems)[-LONGEST_STEM:] + ".tmp")
        return Place(
            key,
            record,
            scope.with_name(scope.name + ".lock"),
            scope.with_name(scope.name + ".counter"),
            scratch,
            record.with_name(record.name + ".acquire.lock") if kind == LEASES else None,
        )

    def counter(self, prefix: str) -> Path | None:
        """The counter of the name that a key or its folder belongs to; None for what has none."""
        namespace, kind, *names = [*prefix.split("/"), ""]
        if kind == DATA or not names or not names[0]:
            return None
        return self.place(f"{namespace}/{kind}/{names[0]}").counter

    def folder(self, prefix: str) -> tuple[Path, str]:
        """The folder that holds the records under `prefix`, and what their keys start with."""
        namespace, kind, *_ = [*prefix.split("/"), "", ""]
        return self.root / self._branch(namespace, kind), f"{namespace}/{kind}/"

    def _branch(self, namespace: str, kind: str) -> Path:
        branch = Path("@ns", stem(namespace)) if namespace else Path()
        return branch if kind == LEASES else branch / f"@{kind}"


def stem(segment: str) -> str:
    """The file name of one encoded segment, without suffix; injective, plain names stay as they are."""
    text = segment
    if text.startswith("."):
        text = "%2E" + text[1:]
    if text.endswith("."):
        text = text[:-1] + "%2E"
    if text.split(".")[0].lower() in _DEVICES:
        text = f"%{ord(text[0]):02X}" + text[1:]
    if len(text) > LONGEST_STEM:
        text = text[:100] + _HASHED + hashlib.sha256(text.encode()).hexdigest()
    return text


def is_hashed(text: str) -> bool:
    """Whether a stem does not say its name."""
    return _HASHED in text
