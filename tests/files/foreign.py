"""A small liblease (revision C) in Python: what a holder written in another language does to the folder.

It shares no code with the store on purpose: its JSON, its times and its lock folder are made here by
hand, from `systems.md` 002, so that the store is measured against the format and not against itself.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

BILLION = 1_000_000_000
PARIS = timezone(timedelta(hours=2))


class HeldError(Exception):
    """Somebody else holds it."""


class LostError(Exception):
    """It is not ours any more."""


def go_time(unix: float, zone: timezone = PARIS) -> str:
    """A time as Go's RFC3339Nano writes it: local offset, nanoseconds without trailing zeros."""
    whole, nanos = divmod(round(unix * BILLION), BILLION)
    text = datetime.fromtimestamp(whole, UTC).astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{nanos:09d}".rstrip("0").rstrip(".")
    offset = datetime.fromtimestamp(whole, zone).strftime("%z")
    return f"{text}{fraction}{offset[:3]}:{offset[3:]}"


def unix_of(text: str) -> float:
    """A time of a record in Unix seconds."""
    return datetime.fromisoformat(text).timestamp()


def fields(**changes: Any) -> dict[str, Any]:
    """The fields of a record that is alive for a minute, with some changed."""
    now = time.time()
    made: dict[str, Any] = {
        "instance_id": str(uuid.uuid4()),
        "pid": 4711,
        "host": "go-host",
        "acquired_at": go_time(now),
        "renewed_at": go_time(now),
        "ttl": 60 * BILLION,
        "meta": {"region": "eu"},
    }
    made.update(changes)
    return made


def write(path: Path, record: dict[str, Any]) -> None:
    """Put it in place as liblease does: a temporary file beside it, then a rename."""
    scratch = path.with_name(f".lease-{uuid.uuid4().hex}.tmp")
    scratch.write_text(json.dumps(record, indent=2, ensure_ascii=False))
    scratch.chmod(0o600)
    scratch.replace(path)


@dataclass
class LibLease:
    """A handle on one path. `ttl` and the bound on waiting are in seconds."""

    path: Path
    ttl: float
    bound: float = 30.0
    record: dict[str, Any] = field(default_factory=dict)

    def acquire(self) -> None:
        """Take it, or raise `HeldError`."""
        self._locked()
        try:
            mine = fields(ttl=int(self.ttl * BILLION), pid=os.getpid())
            if not self._created(mine):
                there = self._read()
                if there is not None and not self._expired(there):
                    raise HeldError(there["instance_id"])
                write(self.path, mine)
                read_back = self._read()
                if read_back is None or read_back["instance_id"] != mine["instance_id"]:
                    raise HeldError("lost takeover race")
            self.record = mine
        finally:
            self._unlocked()

    def renew(self) -> None:
        """Keep it, or raise `LostError`."""
        self._locked()
        try:
            there = self._read()
            mine = there is not None and there["instance_id"] == self.record["instance_id"]
            if not mine or self._expired(self.record):
                raise LostError
            self.record = {**self.record, "renewed_at": go_time(time.time())}
            write(self.path, self.record)
        finally:
            self._unlocked()

    def release(self) -> None:
        """Remove it if it is ours."""
        self._locked()
        try:
            there = self._read()
            if there is not None and there["instance_id"] == self.record["instance_id"]:
                self.path.unlink()
        finally:
            self._unlocked()

    def _created(self, mine: dict[str, Any]) -> bool:
        """Its exclusive creation: a temporary file and a hard link."""
        scratch = self.path.with_name(f".lease-{uuid.uuid4().hex}.tmp")
        scratch.write_text(json.dumps(mine, indent=2))
        try:
            os.link(scratch, self.path)
        except FileExistsError:
            return False
        finally:
            scratch.unlink()
        return True

    def _read(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(self.path.read_bytes())
            unix_of(found["renewed_at"])
        except (OSError, ValueError, KeyError):
            return None
        return found

    @staticmethod
    def _expired(record: dict[str, Any]) -> bool:
        ends: float = unix_of(record["renewed_at"]) + record["ttl"] / BILLION
        return time.time() > ends

    def _locked(self) -> None:
        stale = max(0.1, min(self.ttl, 5.0))
        ends = time.monotonic() + self.bound
        while True:
            try:
                os.mkdir(self.lock, 0o700)
                return
            except FileExistsError:
                if time.monotonic() > ends:
                    raise TimeoutError(self.lock) from None
            try:
                if time.time() - self.lock.stat().st_mtime > stale:
                    self.lock.rmdir()
            except OSError:
                continue
            time.sleep(0.001)

    def _unlocked(self) -> None:
        self.lock.rmdir()

    @property
    def lock(self) -> Path:
        """Its lock folder."""
        return self.path.with_name(self.path.name + ".acquire.lock")
