"""A loop that is closed first, a child of fork, a program that simply ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import pytest

from coordination import aio
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore
from tests.aio.loops import eventually, on_loop, stored


def test_a_loop_that_is_closed_before_the_manager() -> None:
    """A kept lease is kept all the same, by its thread, and another loop may close the manager."""
    inner = MemoryStore()
    manager = aio.connect(inner)

    async def take() -> aio.Lease:
        lease = await manager.acquire_lease("a", period=5.0)
        assert lease is not None
        lease.on_lost(lambda _lease, _reason: None)
        return lease.keep_alive()

    lease = on_loop(take())
    until = time.monotonic() + 5.5
    while time.monotonic() < until:
        assert lease.held, lease.lost
        time.sleep(0.02)
    on_loop(manager.close())
    assert not lease.held
    assert stored(inner) == []


def test_a_task_that_is_dropped_with_its_loop_leaves_nothing() -> None:
    """The loop is closed with the task unfinished: what its request wins is given back."""
    inner = MemoryStore()
    store = FaultyStore(inner)
    manager = aio.connect(store)
    store.delay("create", 0.1)

    async def begin() -> None:
        tasks.append(asyncio.get_running_loop().create_task(manager.acquire_lease("a", period=1000.0)))
        await eventually(lambda: "create" in store.calls, "the request is under way")

    tasks: list[asyncio.Task[aio.Lease | None]] = []
    loop = asyncio.new_event_loop()
    loop.run_until_complete(begin())
    tasks[0].get_coro().close()  # As the collector would.
    tasks[0].cancel()
    loop.close()
    until = time.monotonic() + 30.0
    while "close_session" not in store.calls or stored(inner):
        assert time.monotonic() < until, "it is still there"
        time.sleep(0.01)
    on_loop(manager.close())


_FORK = """
import asyncio, os, sys
from coordination import ConfigurationError, aio

async def child(manager, lease):
    for call in (lambda: manager.get_lease("a"), lambda: manager.wait_lease("a"), lease.renew, lease.release):
        try:
            await call()
        except ConfigurationError as error:
            assert "belongs to process" in str(error), error
        else:
            return 1
    await manager.close()
    return 0 if (lease.held, lease.lost) == (False, "forked") else 2

async def main():
    async with aio.connect("memory://") as manager:
        lease = (await manager.acquire_lease("a")).keep_alive()
        pid = os.fork()
        if pid == 0:
            try:
                os._exit(asyncio.run(asyncio.wait_for(child(manager, lease), 20)))
            except BaseException as error:
                print(repr(error), flush=True)
                os._exit(3)
        _, status = os.waitpid(pid, 0)
        assert lease.held
        print(os.waitstatus_to_exitcode(status))

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_in_a_child_of_fork_every_call_is_refused() -> None:
    """Nothing hangs, nothing is held or released there; the parent goes on."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", _FORK]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.split() == ["0"]


def test_threads_do_not_keep_the_interpreter_from_exiting() -> None:
    """A request that hangs, no close: the program ends when it ends, and the kept lease is released."""
    program = (
        "import asyncio, time\n"
        "from coordination import aio\n"
        "from coordination.stores.memory import MemoryStore\n"
        "class Hanging(MemoryStore):\n"
        "    def read(self, key, *, timeout):\n"
        "        time.sleep(100)\n"
        "    def close_session(self, session, *, timeout):\n"
        "        super().close_session(session, timeout=timeout)\n"
        "        print('ended', flush=True)\n"
        "    def delete(self, key, index, *, timeout):\n"
        "        print('released', flush=True)\n"
        "        return super().delete(key, index, timeout=timeout)\n"
        "async def main():\n"
        "    manager = aio.connect(Hanging())\n"
        "    (await manager.acquire_lease('a', period=60)).keep_alive()\n"
        "    asyncio.create_task(manager.get_lease('b'))\n"
        "    await asyncio.sleep(0.1)\n"
        "asyncio.run(main())\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stderr == ""
    assert "ended" in ran.stdout or "released" in ran.stdout


def test_the_blocking_face_loads_no_asyncio() -> None:
    """Who wants no event loop does not pay for one at each start."""
    program = (
        "import sys, coordination\n"
        "manager = coordination.connect('memory://')\n"
        "manager.wait_lease('a').release()\n"
        "manager.lock('b').acquire().release()\n"
        "next(manager.watch('a'))\n"
        "manager.close()\n"
        "print('asyncio' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
