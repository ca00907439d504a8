"""Programs that fork or start others while they use Consul, and see what becomes of their connections.

python -m integration.consul.fork_programs NAME URL
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from typing import Any

from coordination import Manager, connect
from coordination.clock import SystemClock

PATIENCE = 60.0
CHILDREN = 20
FORKS = 100
HUNG = 20  # seconds
SOCKETS = """
import os
opened = [os.path.realpath(f"/dev/fd/{number}") for number in os.listdir("/dev/fd")]
print(sum("socket" in path for path in opened))
"""


def leave(url: str) -> None:
    """Children that end like any program, with all that is run then: the parent's connections stay."""
    manager = connect(url)
    lease = manager.wait_lease("kept", period=10, timeout=PATIENCE).keep_alive()
    before = _connections(manager)
    for _ in range(CHILDREN):
        child = os.fork()
        if not child:
            with manager:
                pass
            gc.collect()
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        lease.commit({"number": "1"})
    print(lease.held, len(before) > 0, before <= _connections(manager))
    lease.release()
    manager.close()


def popen(url: str) -> None:
    """Other programs inherit no connection: they have none of our sockets open."""
    with connect(url) as manager:
        lease = manager.wait_lease("kept", period=10, timeout=PATIENCE).keep_alive()
        before = _connections(manager)
        command = [sys.executable, "-S", "-c", SOCKETS]
        with open(os.devnull, "rb") as nothing:
            seen = subprocess.run(command, check=True, stdin=nothing, stdout=subprocess.PIPE, text=True)
        lease.commit({"number": "2"})
        print(lease.held, seen.stdout.strip(), before <= _connections(manager))


def shake(url: str) -> None:
    """Fork while new threads shake hands, one after the other: how many children did not end well."""
    manager = connect(url)
    manager.get_lease("x")
    agent = _agents(manager)[0]
    over = threading.Event()

    def hands() -> None:
        while not over.is_set():
            thread = threading.Thread(target=lambda: agent.connect(SystemClock().now() + PATIENCE).close())
            thread.start()
            thread.join()

    shaking = [threading.Thread(target=hands) for _ in range(3)]
    for thread in shaking:
        thread.start()
    bad = sum(_child_connects(url) != 0 for _ in range(FORKS))
    over.set()
    for thread in shaking:
        thread.join()
    manager.close()
    print(bad)


def _child_connects(url: str) -> int:
    child = os.fork()
    if not child:
        status = 1
        try:
            signal.alarm(HUNG)
            with connect(url) as own:
                own.get_lease("x")
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def _agents(manager: Manager) -> Any:
    store: Any = manager._keeper.registry.store
    return store._cluster.agents


def _connections(manager: Manager) -> set[int]:
    """The local ports of those that are kept between requests."""
    return {connection.sock.getsockname()[1] for agent in _agents(manager) for connection in agent._idle}


if __name__ == "__main__":
    {"leave": leave, "popen": popen, "shake": shake}[sys.argv[1]](sys.argv[2])
