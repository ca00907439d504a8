"""Programs that start other processes while they use a store, whichever it is.

python -m integration.faults.fork_programs NAME URL
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable

from coordination import connect
from integration.faults.measuring import hiccups

PATIENCE = 60.0


def worker(url: str, number: int) -> None:
    """What a process of multiprocessing does: use the store for itself."""
    with connect(url) as manager, manager.wait_lease(f"worker-{number}", period=10, timeout=PATIENCE):
        pass


def by(method: str, url: str) -> None:
    """Three processes each, while a kept lease is renewed and written under."""
    context = multiprocessing.get_context(method)
    with connect(url) as manager:
        lease = manager.wait_lease("kept", period=10, timeout=PATIENCE).keep_alive()
        for _ in range(2):
            processes = [context.Process(target=worker, args=(url, number)) for number in range(3)]  # type: ignore[attr-defined]  # every context has it
            for process in processes:
                process.start()
                lease.commit({"number": "1"})
            for process in processes:
                process.join(PATIENCE)
            print(*(process.exitcode for process in processes))
        print(lease.held, lease.lost)


def black_hole(url: str) -> None:
    """Forking while nobody answers: calls under way are cut off in time, and children work."""
    target, silent = url.split()
    manager = connect(silent, timeout=30)
    threading.Thread(target=_ask, args=(manager.get_lease,), daemon=True).start()
    threading.Thread(target=_ask, args=(lambda _: manager.health(),), daemon=True).start()
    time.sleep(0.3)
    statuses = []
    for number in range(8):
        with hiccups() as held_up:
            began = time.monotonic()
            child = os.fork()
            if not child:
                try:
                    worker(target, number)
                    os._exit(0)
                finally:
                    os._exit(1)
            took = time.monotonic() - began - held_up()
        statuses.append((os.waitpid(child, 0)[1], took < 3.0))
    print(set(statuses), flush=True)
    os._exit(0)  # What is still asked of the silent server need not be waited for.


def _ask(call: Callable[[str], object]) -> None:
    while True:
        try:
            call("name")
        except Exception:  # noqa: BLE001 - that is what it is about
            time.sleep(0.01)


if __name__ == "__main__":
    name, url = sys.argv[1:]
    if name in multiprocessing.get_all_start_methods():
        by(name, url)
    else:
        black_hole(url)
