"""Stores that break a promise about batches of renewals; see `broken_stores.py`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from coordination.errors import SessionLost, StoreError
from coordination.record import Session
from coordination.store import Swap, Swapped
from coordination.stores.memory import MemoryStore
from coordination.stores.memory.state import Live

Renewed = Session | StoreError | None


class LeavesOutTheRefused(MemoryStore):
    """Answers what it wrote, so that the answers move up where something was refused."""

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        answers = super().replace_all(swaps, timeout=timeout)
        written = [answer for answer in answers if answer is not None]
        return [*written, *[None] * (len(answers) - len(written))]


class AnswersTheOldIndex(MemoryStore):
    """Answers the records as they were sent, not as they were written."""

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        answers = super().replace_all(swaps, timeout=timeout)
        return [
            replace(answer, index=swap.index) if answer and not isinstance(answer, Exception) else answer
            for swap, answer in zip(swaps, answers, strict=True)
        ]


class PutsWithoutLooking(MemoryStore):
    """Batches plain puts: fast, and a thief's record is gone."""

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        seen = [self.read(swap.key, timeout=timeout) for swap in swaps]
        fitting = [
            replace(swap, index=now.index) if now else swap for swap, now in zip(swaps, seen, strict=True)
        ]
        return super().replace_all(fitting, timeout=timeout)


class CreatesWhatIsGone(MemoryStore):
    """Batches puts that also bring back a record that was deleted."""

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        answers = super().replace_all(swaps, timeout=timeout)
        return [
            self.create(swap.key, swap.value, swap.session, timeout=timeout) if answer is None else answer
            for swap, answer in zip(swaps, answers, strict=True)
        ]


class FailsAsAWhole(MemoryStore):
    """One transaction for all: one dead session, and nothing is written."""

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        if any(self.renew_session(swap.session, timeout=timeout) is None for swap in swaps):
            return [SessionLost("a session is dead") for _ in swaps]
        return super().replace_all(swaps, timeout=timeout)


class SendsOneRequest(MemoryStore):
    """Sends what fits into one request, and forgets the rest."""

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        written = super().replace_all(swaps[:128], timeout=timeout)
        return [*written, *[None] * (len(swaps) - len(written))]


class TakesTheFirst(MemoryStore):
    """Asks an empty batch for its first item."""

    def renew_sessions(self, sessions: Sequence[Session], *, timeout: float) -> list[Renewed]:
        assert sessions[0].ttl > 0
        return super().renew_sessions(sessions, timeout=timeout)


class RenewsOnlyTheFirst(MemoryStore):
    """Says that all were renewed because the first one was."""

    def renew_sessions(self, sessions: Sequence[Session], *, timeout: float) -> list[Renewed]:
        first = [self.renew_session(session, timeout=timeout) for session in sessions[:1]]
        return [session if first[0] else None for session in sessions]


class RevivesInBatches(MemoryStore):
    """Renews whatever it is asked to, the dead as well."""

    def renew_sessions(self, sessions: Sequence[Session], *, timeout: float) -> list[Renewed]:
        with self._step() as state:
            for session in sessions:
                state.sessions[session.id] = Live(session.ttl, self._clock.now() + session.ttl)
        return list(sessions)


class AnswersASessionOnce(MemoryStore):
    """Waits for one answer from each session, so the second of two is missing."""

    def renew_sessions(self, sessions: Sequence[Session], *, timeout: float) -> list[Renewed]:
        once = {session.id: session for session in sessions}
        return super().renew_sessions(list(once.values()), timeout=timeout)


class TakesItsTime(MemoryStore):
    """Gives each item the whole timeout's patience, one after the other."""

    def replace_all(self, swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        for _ in swaps:
            time.sleep(0.002)
        return super().replace_all(swaps, timeout=timeout)
