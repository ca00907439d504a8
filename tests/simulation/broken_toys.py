"""The small lock, broken in one place each."""

from __future__ import annotations

from functools import partial

from coordination.record import Record, Session
from coordination.runtime import Signal
from coordination.timing import margin
from tests.simulation.toys import FOLDER, PATIENCE, ToyLock, Toys

NOTHING_MISSED = 1_000_000


def _set(signal: Signal, *_: object) -> None:
    signal.set()


class DeadlineFromAnswer(ToyLock):
    def deadline(self, asked: float, session: Session) -> float:
        return self.client.clock.now() + session.ttl - margin(session.ttl)


class NoMargin(ToyLock):
    def deadline(self, asked: float, session: Session) -> float:
        return asked + session.ttl


class NoSecondLook(ToyLock):
    """Looks first, and watches from then on only if somebody is ahead."""

    async def turn(self, record: Record) -> bool:
        store, runtime = self.client.store, self.client.runtime
        look = partial(store.list, FOLDER, timeout=PATIENCE)
        while (there := await self.ask(look)) is not None:
            ahead = [it for it in there if it.created < record.created]
            if not ahead:
                return any(it.created == record.created for it in there)
            signal = runtime.signal()
            watch = partial(store.watch, FOLDER, NOTHING_MISSED, partial(_set, signal), timeout=PATIENCE)
            await self.ask(watch)
            await runtime.wait(signal, 300.0)
        return False


class OwnRecordUnchecked(ToyLock):
    async def turn(self, record: Record) -> bool:
        look = partial(self.client.store.list, FOLDER, timeout=PATIENCE)
        while (there := await self.ask(look)) is not None:
            if not any(it.created < record.created for it in there):
                return True
            await self.client.sleep(0.5)
        return False


class LooksBeforeEntering(ToyLock):
    async def enter(self, session: Session) -> Record | None:
        look = partial(self.client.store.list, FOLDER, timeout=PATIENCE)
        while await self.ask(look):
            await self.client.sleep(0.5)
        return await super().enter(session)

    async def turn(self, record: Record) -> bool:
        return True


class NeverLeaves(ToyLock):
    async def leave(self, session: Session) -> None:
        """Keeps alive what it should give up."""
        while await self.ask(partial(self.client.store.renew_session, session, timeout=PATIENCE)):
            await self.client.sleep(2.0)


class LooksFirst(Toys):
    """The scenario with one of them, for the command."""

    lock = LooksBeforeEntering
