"""Stores that break a promise about reading and watching; see `broken_stores.py`."""

from __future__ import annotations

from coordination.clock import Clock
from coordination.record import Record, Session
from coordination.store import Capabilities, Notify, Subscription
from coordination.stores.memory import MemoryStore


class ListsTheDead(MemoryStore):
    """Lists from a copy that expiry does not reach."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.copies: dict[str, Record] = {}

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        record = super().create(key, value, session, timeout=timeout)
        if record is not None:
            self.copies[key] = record
        return record

    def list(self, prefix: str, *, timeout: float) -> list[Record]:
        found = {record.key: record for record in super().list(prefix, timeout=timeout)}
        expired = {key: copy for key, copy in self.copies.items() if key.startswith(prefix)}
        return [record for _, record in sorted((expired | found).items())]


class DropsTheSlash(MemoryStore):
    """Lists by a prefix that does not end where the name ends: `a` also finds `ab`."""

    def list(self, prefix: str, *, timeout: float) -> list[Record]:
        return super().list(prefix.rstrip("/"), timeout=timeout)


class KeepsText(MemoryStore):
    """Takes values for text."""

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        text = value.decode("utf-8", errors="replace")
        return super().create(key, text.encode(), session, timeout=timeout)


class ForgetsDeletions(MemoryStore):
    """Starts a watch with what is there, so a deletion just before it is never told."""

    def watch(self, prefix: str, after: int, notify: Notify, *, timeout: float) -> Subscription:
        self._state.last_removal = 0
        return super().watch(prefix, after, notify, timeout=timeout)


class TellsForEver(MemoryStore):
    """Does not end a watch that is closed."""

    def watch(self, prefix: str, after: int, notify: Notify, *, timeout: float) -> Subscription:
        super().watch(prefix, after, notify, timeout=timeout)
        return super().watch("nothing starts like this", after, notify, timeout=timeout)


class ClaimsToNoticeExpiry(MemoryStore):
    """Declares what it does not do: nothing happens here while nobody calls."""

    capabilities = Capabilities(notices_expiry=True)


class LeaksItsErrors(MemoryStore):
    """Lets an exception of its transport through instead of a `StoreError`."""

    def read(self, key: str, *, timeout: float) -> Record | None:
        if timeout < 0.1:
            raise TimeoutError("timed out")
        return super().read(key, timeout=timeout)
