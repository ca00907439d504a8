"""Sessions as files: `@sessions/ID.json`, its stamp and its sequence number.

A session is alive while its file exists and its ttl has not passed. It dies once, by the removal of
the file: by its owner, or by whoever takes over something that hung on it, who compares the
sequence it judged by. A late renewal finds no file, or a later sequence makes the taker look again.
Session files are never synchronised to disk: a power failure ends every session anyway.
"""

from __future__ import annotations

import json
import math
import re
import threading
import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from coordination.clock import Clock
from coordination.errors import StoreError, StoreUnavailable
from coordination.record import Session
from coordination.stores.file import disk, in_place
from coordination.stores.file.exclusion import exclusive
from coordination.stores.file.expiry import Judge, Stamp, Verdict
from coordination.stores.file.origin import Origin

_STRIPES = "0123456789abcdef"
_ID = re.compile("[0-9a-f-]{36}")
_BLOCK = 512
SWEEP_AFTER = 3_600.0
"""Seconds after its end at which the session of a process that died is swept away."""


@dataclass(frozen=True, slots=True)
class SessionFile:
    """One state of a session."""

    ttl: float
    sequence: int
    stamp: Stamp


_SENSELESS = SessionFile(0.0, 0, Stamp(0.0, 0.0, Origin("", "", "")))
"""What a damaged file counts as: from nowhere, so nobody calls it expired without having watched it."""


class Sessions:
    """The sessions of one folder. One that nothing hangs on yet has no file, so it leaves nothing."""

    def __init__(self, folder: Path, clock: Clock, judge: Judge) -> None:
        self._folder = folder
        self._clock = clock
        self._judge = judge
        self._mutex = threading.Lock()
        self._starting = threading.RLock()  # A signal handler may come back here.
        self._fresh: dict[str, float] = {}

    def open(self, ttl: float) -> Session:
        """A new session, not yet on disk."""
        session = Session(str(uuid.uuid4()), ttl)
        with self._mutex:
            self._fresh[session.id] = self._clock.now() + ttl
        return session

    def start(self, session: Session) -> bool:
        """Make sure that it is on disk and alive, before something is hung on it; False if it is dead."""
        if session.id not in self._fresh:
            return self.alive(session.id) is not None
        with self._starting:  # Many records may be its first one at the same time.
            with self._mutex:
                until = self._fresh.get(session.id)
            if until is None:
                return self.alive(session.id) is not None
            if until < self._clock.now():
                self.forget(session)
                return False
            disk.write_new(self._path(session.id), _content(SessionFile(session.ttl, 1, self._judge.now())))
            self.forget(session)
            return True

    def forget(self, session: Session) -> bool:
        """Drop it if it never reached the disk; whether it had not."""
        with self._mutex:
            return self._fresh.pop(session.id, None) is not None

    def renew(self, session: Session, timeout: float) -> Session | None:
        """Give it its ttl again; None if it is dead."""
        with self._mutex:
            until = self._fresh.get(session.id)
            if until is not None:
                if until < self._clock.now():
                    del self._fresh[session.id]
                    return None
                self._fresh[session.id] = self._clock.now() + session.ttl
                return session
        with self._held(session.id, timeout):
            found = self.load(session.id)
            if found is None:
                return None
            if self._judge.own_verdict(found.stamp, found.ttl) is Verdict.EXPIRED:
                disk.remove(self._path(session.id))
                return None
            renewed = SessionFile(found.ttl or session.ttl, found.sequence + 1, self._judge.now())
            kept = in_place.refresh(self._path(session.id), _content(renewed))
            return Session(session.id, renewed.ttl) if kept else None

    def kill(self, session_id: str, sequence: int, timeout: float) -> bool:
        """End a session judged dead at `sequence`; False if it has been renewed since."""
        with self._held(session_id, timeout):
            found = self.load(session_id)
            if found is not None and not self._still_dead(found, sequence):
                return False
            disk.remove(self._path(session_id))
            return True

    def _still_dead(self, found: SessionFile, sequence: int) -> bool:
        alive = self._judge.verdict(found.stamp, found.ttl)[0] is Verdict.ALIVE
        return found.sequence == sequence and not alive

    def end(self, session: Session) -> None:
        """End one of our own. Needs no lock: a renewal never makes a file, so it cannot undo this."""
        if not self.forget(session) and _ID.fullmatch(session.id):
            disk.remove(self._path(session.id))

    def alive(self, session_id: str) -> SessionFile | None:
        """Its state unless it is certainly dead."""
        found = self.load(session_id)
        if found is None or self._judge.verdict(found.stamp, found.ttl)[0] is Verdict.EXPIRED:
            return None
        return found

    def load(self, session_id: str) -> SessionFile | None:
        """What its file says, judged by nobody; None if there is none."""
        raw = disk.read(self._path(session_id)) if _ID.fullmatch(session_id) else None
        if raw is None:
            return None
        try:
            fields = json.loads(raw.split(b"\n", 1)[0])
            found = SessionFile(float(fields["ttl"]), int(fields["sequence"]), Stamp.of(fields))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return _SENSELESS
        sound = found.ttl > 0 and math.isfinite(found.ttl + found.stamp.wall + found.stamp.boot)
        return found if sound else _SENSELESS

    def sweep(self) -> None:
        """Remove what processes that died have left long ago; a bounded look, errors do not matter."""
        paths = [*self._folder.glob("*.tmp"), *self._folder.glob("*.json")]
        for path in sorted(paths)[:1000]:
            try:
                self._sweep(path)
            except StoreUnavailable:
                return
            except (StoreError, OSError):
                continue

    def _sweep(self, path: Path) -> None:
        found = self.load(path.stem) if path.suffix == ".json" else None
        if found is None or found is _SENSELESS:
            # A writer was killed in the middle of it, and nobody else would ever touch it again.
            if self._clock.wall() - path.lstat().st_mtime > SWEEP_AFTER:
                disk.remove(path)
            return
        verdict, _ = self._judge.verdict(found.stamp, found.ttl + SWEEP_AFTER)
        if verdict is Verdict.EXPIRED:
            self.kill(path.stem, found.sequence, 0.1)

    def _path(self, session_id: str) -> Path:
        return self._folder / f"{session_id}.json"

    def _held(self, session_id: str, timeout: float) -> AbstractContextManager[None]:
        stripe = session_id[0].lower() if session_id[:1].lower() in _STRIPES else "0"
        return exclusive(self._folder / f"{stripe}.lock", timeout)


def _content(state: SessionFile) -> bytes:
    fields = {"ttl": state.ttl, "sequence": state.sequence, **state.stamp.fields()}
    line = json.dumps(fields, separators=(",", ":")).encode() + b"\n"
    return line.ljust(-(-len(line) // _BLOCK) * _BLOCK)  # so that a shorter one covers a longer one
