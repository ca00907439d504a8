"""Three ways to take over an expired lease file that are in wide use, and wrong: they must fail the race.

A race that the wrong ones pass shows nothing about a right one. Each comes from a row of
`pitfalls.md`: 52, read and replace; 53, the same and then read back; 54, O_EXCL with unlink of a
stale file.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from pathlib import Path

PERIOD = 60.0


class ReadThenReplace:
    """Row 52: read it, see that it is expired, write another file, rename it over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.owner = uuid.uuid4().hex

    def path(self, name: str) -> Path:
        """Where the lease of this name lies."""
        return self.folder / f"{name}.json"

    def expire(self, name: str) -> int:
        """Write a record whose time has passed."""
        self.path(name).write_text(self.record(1, time.time() - 1), encoding="utf-8")
        return 1

    def acquire(self, name: str) -> int | None:
        """Decide by what was read, then write: nothing ties the two together."""
        _, token, expires = self.read(name)
        if expires > time.time():
            return None
        new = self.path(name).with_suffix(f".{self.owner}")
        new.write_text(self.record(token + 1, time.time() + PERIOD), encoding="utf-8")
        new.replace(self.path(name))
        return token + 1

    def record(self, token: int, expires: float) -> str:
        """The content of a lease file."""
        return json.dumps([self.owner, token, expires])

    def read(self, name: str) -> tuple[str, int, float]:
        """Owner, token, and when it expires."""
        owner, token, expires = json.loads(self.path(name).read_text(encoding="utf-8"))
        return owner, token, expires


class ReadBack(ReadThenReplace):
    """Row 53: as 52, and then look whether it is ours. Passes every race that has no delays."""

    def acquire(self, name: str) -> int | None:
        """The last to write wins, unless somebody looked before the last wrote."""
        token = super().acquire(name)
        return token if self.read(name)[0] == self.owner else None


class UnlinkStale(ReadThenReplace):
    """Row 54: creating is exclusive, but the unlink before it may remove a fresh lease."""

    def acquire(self, name: str) -> int | None:
        """Remove what looked stale when it was read, then create."""
        try:
            _, token, expires = self.read(name)
        except (FileNotFoundError, ValueError):  # another is just replacing it
            return None
        if expires > time.time():
            return None
        self.path(name).unlink(missing_ok=True)
        try:
            made = os.open(self.path(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return None
        with os.fdopen(made, "w", encoding="utf-8") as file:
            file.write(self.record(token + 1, time.time() + PERIOD))
        return token + 1
