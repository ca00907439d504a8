"""A small lock that is right, and the scenario that it has to stand; tests break it in one place each."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from coordination.errors import OutcomeUnknown, SessionLost, StoreUnavailable
from coordination.record import Record, Session
from coordination.testing.simulation import Client, Scenario, Violation, World
from coordination.timing import margin

Answer = TypeVar("Answer")

FOLDER = "/toys/lock/"
TTL = 6.0
PATIENCE = 1.0


class ToyLock:
    """A queue: who is first in the folder holds, until the ttl of its own session is over."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.record: Record | None = None
        self.believed_until = 0.0

    @property
    def held(self) -> bool:
        return self.record is not None and self.client.clock.now() < self.believed_until

    async def acquire(self) -> bool:
        """Wait for the turn; False if anything goes wrong on the way: then the session is closed again."""
        runtime, store = self.client.runtime, self.client.store
        asked = runtime.clock.now()
        session = await self.ask(partial(store.open_session, TTL, timeout=PATIENCE))
        if session is None:
            return False
        until = self.deadline(asked, session)
        record = await self.enter(session)
        if record is not None and await self.turn(record):
            self.record, self.believed_until = record, until
            return True
        await self.leave(session)
        return False

    def deadline(self, asked: float, session: Session) -> float:
        return asked + session.ttl - margin(session.ttl)

    async def enter(self, session: Session) -> Record | None:
        key = FOLDER + self.client.name
        return await self.ask(partial(self.client.store.create, key, b"", session, timeout=PATIENCE))

    async def turn(self, record: Record) -> bool:
        """Wait until nobody is ahead; False if our own record is gone."""
        client = self.client
        signal = client.runtime.signal()
        look = partial(client.store.list, FOLDER, timeout=PATIENCE)
        watch = partial(client.store.watch, FOLDER, 0, lambda *_: signal.set(), timeout=PATIENCE)
        subscription = await self.ask(watch)
        if subscription is None:
            return False
        while (there := await self.ask(look)) is not None:
            if not any(it.created == record.created for it in there):
                return False
            if not any(it.created < record.created for it in there):
                return True
            signal_came = await client.runtime.wait(signal, 100.0)
            if signal_came:
                signal.clear()
        return False

    async def leave(self, session: Session) -> None:
        await self.ask(partial(self.client.store.close_session, session, timeout=PATIENCE))

    async def release(self) -> None:
        record, self.record = self.record, None
        if record is not None:
            await self.ask(partial(self.client.store.delete, record.key, record.index, timeout=PATIENCE))

    async def ask(self, step: Callable[[], Answer]) -> Answer | None:
        """One request; None if it fails."""
        with contextlib.suppress(OutcomeUnknown, StoreUnavailable, SessionLost):
            return await self.client.runtime.call(step)
        return None


class Toys(Scenario):
    """Three clients that take the lock in turn, each of them once."""

    lock: type[ToyLock] = ToyLock
    clients = 3
    holds = (1.0, 8.0)

    def __init__(self) -> None:
        self.locks: list[ToyLock] = []
        self.last = 0

    def begin(self, world: World) -> None:
        for number in range(self.clients):
            client = world.client("abc"[number])
            lock = self.lock(client)
            self.locks.append(lock)
            client.start(self.contend(lock))

    async def contend(self, lock: ToyLock) -> None:
        await lock.client.sleep((0.0, 1.5, 3.0)[lock.client.world.choose(3)])
        if not await lock.acquire():
            return
        assert lock.record is not None
        if lock.held:
            lock.client.world.tell(f"{lock.client} has it, token {lock.record.created}")
            if lock.record.created < self.last:
                raise Violation(f"out of order: {lock.record.created} after {self.last}")
            self.last = lock.record.created
        await lock.client.sleep(self.holds[lock.client.world.choose(2)])
        await lock.release()

    def after_step(self, world: World) -> None:
        held = [it.client for it in self.locks if it.held and not (it.client.crashed or it.client.frozen)]
        if len(held) > 1:
            raise Violation(f"two holders: {held}")

    def at_rest(self, world: World) -> None:
        first = next((record.key for record in world.store.under(FOLDER)), None)
        for lock in self.locks:
            client = lock.client
            if first == FOLDER + client.name and lock.record is None and client.troubled_until < 0:
                raise Violation(f"lost wake-up: {client} is first, and does not know")

    def at_end(self, world: World) -> None:
        if world.store.under(FOLDER):
            raise Violation(f"left behind: {world.store.under(FOLDER)}")
