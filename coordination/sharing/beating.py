"""The beat of a shared session: it renews the session, proves the records on it, and clears away the rest."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from coordination.contention import Proof
from coordination.errors import StoreError, StoreRefused, StoreReplaced
from coordination.runtime import Runtime
from coordination.sharing.leaving import settle
from coordination.sharing.place import HELD, LEAVING, WAITING, Place

if TYPE_CHECKING:
    from coordination.sharing.session import Shared

JITTER = 0.1
"""How much earlier than a third of the ttl a beat may come, so that many managers spread out."""


class Beating:
    """A job that comes again a third of the ttl after each beat, and soon after one that failed."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.failures = 0

    def first(self, now: float) -> float:
        """When to come for the first time."""
        return now + self._rhythm()

    async def run(self, runtime: Runtime) -> float | None:
        """One beat; when to come again."""
        shared = self._shared
        if shared.look() is not None:
            return None
        asked_at = runtime.clock.now()
        try:
            await self._beat(runtime, asked_at)
        except StoreReplaced:
            shared.lose("revoked")  # Nothing of it is ended: whatever is there is another's.
        except StoreError as error:
            return self._later(runtime.clock.now(), error)
        if shared.dead is not None:
            return None
        self._well()
        return asked_at + self._rhythm()

    async def once(self, runtime: Runtime) -> None:
        """One beat more, beside those that come by themselves."""
        await self.run(runtime)

    async def _beat(self, runtime: Runtime, asked_at: float) -> None:
        shared = self._shared
        store, patience = shared.keeping.store, shared.keeping.patience(shared.session.ttl)
        session = await runtime.call(lambda: store.renew_session(shared.session, timeout=patience))
        if session is None:
            shared.die()
        elif shared.renewed(asked_at, session):
            await self._prove(runtime, patience)

    async def _prove(self, runtime: Runtime, patience: float) -> None:
        shared = self._shared
        asked_at = runtime.clock.now()
        expected, doubtful = self._questions(asked_at)
        session = shared.session
        proof = await runtime.call(lambda: shared.asking.prove(session, expected, doubtful, timeout=patience))
        if proof.gone:
            for place in self._missing(expected, proof):
                place.missing = True  # Not held from now on, however long it takes to learn the reason.
            await shared.sentinel.learn(runtime)
            await shared.sentinel.check(runtime, proof.gone)
            for place in self._missing(expected, proof):
                shared.lose_place(place, shared.sentinel.reason(place))
        shared.proven(asked_at)
        await self._clear(runtime, proof.strays, patience)

    def _questions(self, now: float) -> tuple[dict[str, int], frozenset[str]]:
        """What has to be there, and what may have appeared although nobody wants it."""
        shared = self._shared
        with shared.mutex:
            expected = {
                key: place.created for key, place in shared.places.items() if place.state in (WAITING, HELD)
            }
            expected.update(shared.sentinel.expected)
            for key in [key for key, until in shared.doubtful.items() if until < now]:
                del shared.doubtful[key]
            return expected, frozenset(shared.doubtful)

    def _missing(self, expected: Mapping[str, int], proof: Proof) -> list[Place]:
        """Whose record is gone, and nobody is giving it back."""
        shared = self._shared
        with shared.mutex:
            places = [(key, shared.places.get(key)) for key in sorted(proof.gone)]
            return [
                place
                for key, place in places
                if place is not None and place.created == expected[key] and place.state in (WAITING, HELD)
            ]

    async def _clear(self, runtime: Runtime, strays: Mapping[str, int], patience: float) -> None:
        """Remove what is on our session although nobody wants it, unless it was entered in the meantime."""
        shared = self._shared
        store = shared.keeping.store
        for key, index in strays.items():
            place = shared.places.get(key)
            if key == shared.sentinel.key or (place is not None and not _nobodys(place)):
                continue
            gone = await runtime.call(partial(store.delete, key, index, timeout=patience))
            if gone and place is not None:
                settle(shared, place)  # Whoever waits for that need not wait for its own next try.

    def _rhythm(self) -> float:
        luck = random.random()  # noqa: S311 - jitter, not a secret
        return self._shared.session.ttl / 3 * (1 - JITTER * luck)

    def _later(self, now: float, error: StoreError) -> float:
        """Ride it out: try again soon, until the local deadline ends it."""
        shared = self._shared
        if not self.failures:
            shared.keeping.warn("beat-failed", session=shared.incarnation, error=str(error))
        self.failures += 1
        luck = random.random()  # noqa: S311 - jitter, not a secret
        if isinstance(error, StoreRefused):
            return now + min(2.0, shared.ttl / 2) * (1 + luck / 4)
        return now + min(1.0, shared.ttl / 12) * (1 + luck) / 2

    def _well(self) -> None:
        if self.failures:
            shared = self._shared
            shared.keeping.warn("beat-recovered", session=shared.incarnation, after=self.failures)
            self.failures = 0


def _nobodys(place: Place) -> bool:
    """Whether nobody sees to its end just now, who would take our deletion for a loss."""
    return place.state == LEAVING and place.unwanted
