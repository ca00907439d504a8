"""What waited on an event loop that was closed: given up, and in nobody's way."""

from __future__ import annotations

import asyncio
import threading

from coordination import aio
from coordination._asyncio.mailbox import Mailbox
from coordination.recipes.holding import release
from coordination.runtime import run
from coordination.sharing.waiter import Waiter
from coordination.stores.memory import MemoryStore
from tests.sharing.bench import TTL, Bench, folder
from tests.sharing.stepping import Task

A = folder("a")


def test_breaker_24_whoever_waited_is_given_up(bench: Bench, other: Bench) -> None:
    """Their records were renewed for ever, and nobody on any machine got past them."""
    holder = other.held()
    dead = [bench.acquiring()]
    bench.runtime.slow = True
    dead.append(bench.acquiring())  # It is entering, and has the turn for ever.
    bench.sharing.forsake()
    bench.runtime.slow = False
    bench.clean()
    assert bench.stored() == [holder.key]
    task = bench.acquiring()
    assert run(release(other.blocking, holder, 1.0))
    assert task.to_the_end().held
    assert not any(it.done for it in dead)


def test_breaker_24_whoever_was_opening_the_session_is_passed(bench: Bench) -> None:
    """The turn of opening was the dead task's."""
    bench.runtime.slow = True
    dead = bench.acquiring()
    bench.sharing.forsake()
    bench.runtime.slow = False
    assert bench.held().held
    dead.close()
    assert bench.sharing.alive(TTL) is not None


def test_what_is_held_stays_held(bench: Bench) -> None:
    """A hold belongs to the program, not to the loop."""
    place = bench.held()
    bench.sharing.forsake()
    bench.clean()
    assert place.held
    assert bench.stored() == [place.key]


def test_units_7_a_dead_task_that_is_collected_leaves_the_new_line_alone(bench: Bench, other: Bench) -> None:
    """It quit the line of the name, whichever that was by then: others there were told nothing any more."""
    other.held()
    dead = bench.acquiring()
    bench.sharing.forsake()
    waiting = Waiter()
    line = bench.sharing.line_up(A, waiting)
    dead.close()
    assert bench.sharing.join(A, Waiter()) is line


def test_breaker_17_a_callback_that_raises_holds_up_nobody() -> None:
    """CancelledError, of a future's result: what came with it on the loop was not delivered."""
    told: list[str] = []

    def raising(_hold: object, _reason: str) -> None:
        raise asyncio.CancelledError

    async def test() -> None:
        async with aio.connect(MemoryStore()) as manager:
            holds = [await manager.lock(name).acquire() for name in "ab"]
            for hold in holds:
                hold.on_lost(raising)
                hold.on_lost(lambda hold, _reason: told.append(hold.name))
            waiting = asyncio.create_task(holds[1].wait())
            await asyncio.sleep(0.05)
            thread = threading.Thread(target=holds[0]._place.shared.lose, args=("revoked",))
            thread.start()
            thread.join()
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda _loop, context: told.append(str(context)))
            assert await asyncio.wait_for(waiting, 30) == "revoked"
            for _ in range(3000):
                if len(told) < 2:
                    await asyncio.sleep(0.01)

    asyncio.run(test())
    assert sorted(told) == ["a", "b"]


def test_breaker_17_what_raises_on_the_loop_holds_up_nobody() -> None:
    """Whatever it was that was posted: the rest is delivered all the same."""
    told: list[str] = []
    raised: list[object] = []

    def raising() -> None:
        raise asyncio.CancelledError

    async def test() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: raised.append(context.get("exception")))
        mailbox = Mailbox(loop)
        for call in (raising, lambda: told.append("one"), raising, lambda: told.append("two")):
            mailbox.post(call)
        for _ in range(3000):
            if len(told) < 2:
                await asyncio.sleep(0.001)

    asyncio.run(test())
    assert told == ["one", "two"]
    assert len(raised) == 2


def test_a_task_that_is_collected_gives_up(bench: Bench) -> None:
    """Without `forsake` as well: the generator's end is an end like any other."""
    place = bench.held()
    task: Task[object] = Task(bench.acquisition().wait())
    task.close()
    bench.clean()
    assert bench.stored() == [place.key]
