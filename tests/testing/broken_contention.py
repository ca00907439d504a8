"""Stores that break a promise about contenders who share a session; see `broken_stores.py`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from coordination.contention import Proof, Removed, Standing
from coordination.record import Session, scope_of
from coordination.store import Subscription
from coordination.stores.memory import MemoryStore


class LooksThenEnters(MemoryStore):
    """Asks who is there first, and enters afterwards: two may find nobody."""

    def enter(
        self, key: str, value: bytes, session: Session, *, alone: bool, timeout: float
    ) -> Standing | None:
        seen = self.list(f"{scope_of(key)}/", timeout=timeout)
        ahead = tuple(record.key for record in sorted(seen, key=lambda it: -it.created))
        if alone and ahead:
            return None
        time.sleep(0.005)
        record = self.create(key, value, session, timeout=timeout)
        return None if record is None else Standing(record, ahead)


class EntersThenLooks(MemoryStore):
    """Looks once it has entered, and takes everybody for being ahead, also who came later."""

    def standing(self, before: Standing, *, timeout: float) -> Standing | None:
        now = super().standing(before, timeout=timeout)
        seen = self.list(f"{scope_of(before.record.key)}/", timeout=timeout)
        others = tuple(it.key for it in seen if it.key != before.record.key)
        return None if now is None else replace(now, ahead=others)


class QueuesByKey(MemoryStore):
    """Takes the next smaller key for the one ahead, as recipes of ZooKeeper's may."""

    def enter(
        self, key: str, value: bytes, session: Session, *, alone: bool, timeout: float
    ) -> Standing | None:
        standing = super().enter(key, value, session, alone=alone, timeout=timeout)
        seen = self.list(f"{scope_of(key)}/", timeout=timeout)
        ahead = tuple(record.key for record in reversed(seen) if record.key < key)
        return None if standing is None else replace(standing, ahead=ahead)


class EntersAloneAnyway(MemoryStore):
    """Says that nobody is ahead of whoever asked for that."""

    def enter(
        self, key: str, value: bytes, session: Session, *, alone: bool, timeout: float
    ) -> Standing | None:
        standing = super().enter(key, value, session, alone=False, timeout=timeout)
        return replace(standing, ahead=()) if standing and alone else standing


class QueuesAcrossNames(MemoryStore):
    """Takes whoever's name merely begins alike for a contender."""

    def standing(self, before: Standing, *, timeout: float) -> Standing | None:
        now = super().standing(before, timeout=timeout)
        seen = self.list(scope_of(before.record.key), timeout=timeout)
        ahead = tuple(it.key for it in seen if it.created < before.record.created)
        return None if now is None else replace(now, ahead=ahead)


class RemembersTheFirstAnswer(MemoryStore):
    """Goes on naming the one who was ahead when it entered, though that one is gone."""

    def standing(self, before: Standing, *, timeout: float) -> Standing | None:
        return before if super().standing(before, timeout=timeout) else None


class TakesTheKeyForTheRecord(MemoryStore):
    """Asks whether the key is there, not whether it is the record that was created then."""

    def standing(self, before: Standing, *, timeout: float) -> Standing | None:
        now = self.read(before.record.key, timeout=timeout)
        return None if now is None else super().standing(Standing(now, ()), timeout=timeout)


class LetsTheDeadEnter(MemoryStore):
    """Answers that somebody has the key where it is the session that is dead."""

    def enter(
        self, key: str, value: bytes, session: Session, *, alone: bool, timeout: float
    ) -> Standing | None:
        if self.renew_session(session, timeout=timeout) is None:
            return None
        return super().enter(key, value, session, alone=alone, timeout=timeout)


class WakesTheHerd(MemoryStore):
    """Tells of arrivals too."""

    def departures(self, folder: str, removed: Removed, *, timeout: float) -> Subscription:
        return self.watch(folder, 2**62, lambda key, index: removed(key), timeout=timeout)


class HearsTheNeighbours(MemoryStore):
    """Forgets the slash: who leaves `abc` is told to those at `ab`."""

    def departures(self, folder: str, removed: Removed, *, timeout: float) -> Subscription:
        return super().departures(folder.rstrip("/"), removed, timeout=timeout)


class ListensOnce(MemoryStore):
    """Ends with its first news, as watches of ZooKeeper's do."""

    def departures(self, folder: str, removed: Removed, *, timeout: float) -> Subscription:
        told: list[str] = []

        def once(key: str) -> None:
            if not told:
                told.append(key)
                removed(key)

        return super().departures(folder, once, timeout=timeout)


class ProvesKeysOnly(MemoryStore):
    """Believes the list of keys on the session, whatever was created under them."""

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], *, timeout: float
    ) -> Proof:
        on_it = {it.key for it in self.list("", timeout=timeout) if it.session == session.id}
        proof = super().prove(session, expected, doubtful, timeout=timeout)
        return replace(proof, gone=frozenset(expected.keys() - on_it))


class ProvesWithoutTheSession(MemoryStore):
    """Looks at `created` alone, which a thief's record keeps."""

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], *, timeout: float
    ) -> Proof:
        there = {it.key: it.created for it in self.list("", timeout=timeout)}
        proof = super().prove(session, expected, doubtful, timeout=timeout)
        gone = {key for key, created in expected.items() if there.get(key) != created}
        return replace(proof, gone=frozenset(gone))


class ProvesOneRequest(MemoryStore):
    """Looks at what fits into one request, and believes the rest."""

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], *, timeout: float
    ) -> Proof:
        proof = super().prove(session, expected, doubtful, timeout=timeout)
        looked_at = sorted(expected)[:128]
        return replace(proof, gone=proof.gone & frozenset(looked_at))


class NamesStraysByCreation(MemoryStore):
    """Names `created` where the index is asked for: what was rewritten cannot be deleted by it."""

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], *, timeout: float
    ) -> Proof:
        proof = super().prove(session, expected, doubtful, timeout=timeout)
        created = {it.key: it.created for it in self.list("", timeout=timeout)}
        return replace(proof, strays={key: created[key] for key in proof.strays})


class TakesAllForStrays(MemoryStore):
    """Names whatever doubtful record is there, also on the session of somebody who got it since."""

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], *, timeout: float
    ) -> Proof:
        proof = super().prove(session, expected, doubtful, timeout=timeout)
        there = {it.key: it.index for it in self.list("", timeout=timeout) if it.key in doubtful}
        return replace(proof, strays={**there, **proof.strays})
