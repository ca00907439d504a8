"""The file store: the contract on one folder of one machine, for any number of processes.

Every change is made while holding the name (`exclusion`): read the record, judge it, count, write.
Readers hold nothing. See `docs/files.md` for the rules and what is not promised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from coordination.clock import Clock
from coordination.errors import (
    ConfigurationError,
    LeaseCorrupt,
    PermissionDenied,
    StoreError,
    StoreRefused,
)
from coordination.record import DATA, Guard, Record, Session
from coordination.store import Capabilities, Conditions, Notify, Records
from coordination.stores.file import disk, origin
from coordination.stores.file.data import Data
from coordination.stores.file.exclusion import PATIENT
from coordination.stores.file.expiry import Judge
from coordination.stores.file.folder import Folder
from coordination.stores.file.layout import Layout
from coordination.stores.file.listing import Listing
from coordination.stores.file.origin import Origin
from coordination.stores.file.poller import Poller, Watching
from coordination.stores.file.reading import Reader
from coordination.stores.file.sessions import Sessions
from coordination.stores.file.writing import LARGEST_VALUE, Writer
from coordination.timing import Deadline


class FileStore:
    """A `Store` on a folder. Safe for threads; `durable`: what was answered survives a power failure."""

    capabilities = Capabilities(shortest_ttl=0.001, largest_value=LARGEST_VALUE, watch_delay=0.2)

    def __init__(self, root: Path, clock: Clock, *, durable: bool = True, here: Origin | None = None) -> None:
        self._clock = clock
        self._durable = durable
        self._layout = Layout(root)
        self._folder = Folder(self._layout)
        self._judge = Judge(clock, here or origin.here(), shared=bool(origin.network_type(root)))
        self._sessions = Sessions(self._layout.sessions, clock, self._judge)
        self._reader = Reader(self._layout, self._judge, self._sessions)
        self._listing = Listing(self._layout)
        self._data = Data(self._layout.data, durable=durable)
        self._poller = Poller(self._listing.files, self._index_at, self._data.within, self._layout.counter)
        self._writer = Writer(
            self._layout, self._folder, clock, self._judge, self._sessions, self._reader, durable=durable
        )

    # Sessions.

    def open_session(self, ttl: float, *, timeout: float) -> Session:
        """Start a session of exactly `ttl` seconds; it reaches the disk with its first record."""
        return self._sessions.open(ttl)

    def renew_session(self, session: Session, *, timeout: float) -> Session | None:
        """Start its ttl again; None if it is dead."""
        self._folder.prepare(self._sessions)
        return self._sessions.renew(session, timeout)

    def close_session(self, session: Session, *, timeout: float) -> None:
        """End it, then tidy away the records this process hung on it."""
        if not self._folder.exists:
            self._sessions.forget(session)
            return
        self._sessions.end(session)
        for key in list(self._writer.hung.get(session.id, ())):
            with self._writer.holding(key, timeout, session.ttl) as place:
                found = self._reader.raw(place)
                if found is not None and found.file.session == session.id:
                    disk.remove(place.record)
        self._writer.hung.pop(session.id, None)

    # Records.

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        """Write it unless a live record is there; take over a dead one."""
        self._writer.fits(value)
        bound = Deadline(self._clock, timeout)
        with self._writer.holding(key, timeout, session.ttl) as place:
            found = self._reader.find(place)
            if not self._writer.free(place, found, session, bound.left(timeout)):
                return None
            return self._writer.write(place, found, value, session, created=None)

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        """Write over it if it is alive and still at `index`."""
        self._writer.fits(value)
        with self._writer.holding(key, timeout, session.ttl) as place:
            found = self._writer.alive_at(place, index)
            if found is None:
                return None
            return self._writer.write(place, found, value, session, created=found.created)

    def delete(self, key: str, index: int, *, timeout: float) -> bool:
        """Remove it if it is alive and still at `index`."""
        found = self._writer.remove(key, index, timeout)
        if found is None:
            return False
        self._writer.unhang(found.file.session, key)
        return True

    def read(self, key: str, *, timeout: float) -> Record | None:
        """The live record; a record of strangers not seen before is given its numbers first."""
        if _kind(key) == DATA:
            return self._data.read(key, timeout)
        place = self._layout.place(key)
        found = self._reader.find(place)
        while found is not None:
            if found.torn:
                raise LeaseCorrupt(f"{place.record} is not a lease record; who holds it is unknown")
            if found.index == 0:
                with self._writer.holding(key, timeout, found.file.ttl):
                    found = self._writer.numbered(place)
                continue
            record = self._reader.record(found)
            if record is not None:
                return record
            # Dead, unless it moved to another session between the look at it and at its session.
            before, found = found, self._reader.find(place)
            if found is not None and found.file.fingerprint == before.file.fingerprint:
                return None
        return None

    def list(self, prefix: str, *, timeout: float) -> Records:
        """The live records under `prefix`."""
        if _kind(prefix) == DATA:
            return self._data.list(prefix, timeout)
        keys = sorted(key for key in self._listing.files(prefix) if key.startswith(prefix))
        records = []
        for key in keys:
            try:
                record = self.read(key, timeout=timeout)
            except PermissionDenied:
                raise
            except (LeaseCorrupt, StoreRefused):
                continue
            if record is not None:
                records.append(record)
        return records

    def commit(
        self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], *, timeout: float
    ) -> int | None:
        """Apply the writes while holding the guard's name, if the guard holds."""
        for value in puts.values():
            self._writer.fits(value)
        if any(_kind(key) != DATA for key in (*puts, *deletes)):
            raise ConfigurationError("a commit writes keys of the namespace's data only")
        bound = Deadline(self._clock, timeout)
        with self._writer.holding(guard.key, timeout, PATIENT) as place:
            found = self._reader.find(place)
            if found is None or found.torn or found.file.session != guard.session:
                return None
            if self._reader.dead(found) or guard.created not in (None, found.created):
                return None
            return self._data.write(puts, deletes, self._clock.wall(), bound.left(timeout))

    # Watching, health, the end.

    def watch(self, prefix: str, after: int, notify: Notify, *, timeout: float) -> Watching:
        """Look for changes ten times a second."""
        return self._poller.watch(prefix, after, notify)

    def health(self, *, timeout: float) -> Conditions:
        """Whether the folder can be written, and what to know about it."""
        self._folder.prepare(self._sessions)
        return self._folder.conditions(durable=self._durable)

    def close(self) -> None:
        """End the watching thread."""
        self._poller.close()

    def __repr__(self) -> str:
        return f"FileStore({str(self._layout.root)!r}, durable={self._durable})"

    def _index_at(self, key: str) -> int:
        """For a watch: the index, 0 if it cannot be told without holding the name."""
        try:
            if _kind(key) == DATA:
                return self._data.last(1.0)
            found = self._reader.find(self._layout.place(key))
        except StoreError:
            return 0
        return 0 if found is None or found.torn else found.index


def _kind(key: str) -> str:
    return key.split("/", 2)[1] if "/" in key else ""
