"""Programs that start other processes while they use etcd, and see what becomes of its channels.

python -m integration.etcd.fork_programs NAME URL
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from coordination import connect
from coordination.stores.etcd import channels, forks

PATIENCE = 60.0


def popen(url: str) -> None:
    """Other programs are started without Python's fork, so no connection is cut."""
    with connect(url) as manager:
        lease = manager.wait_lease("kept", period=10, timeout=PATIENCE).keep_alive()
        before = _channels()
        for _ in range(10):
            subprocess.run([sys.executable, "-S", "-c", "pass"], check=True)
        lease.commit({"number": "2"})
        print(lease.held, len(before), _channels() == before)


def _channels() -> set[int]:
    return set(channels.here()._open)


def unused(url: str) -> None:
    """No etcd in use: a fork waits for nothing."""

    class NoTime:
        def sleep(self, seconds: float) -> None:
            raise AssertionError("a fork has waited")

        def now(self) -> float:
            return time.monotonic()

    def forked() -> bool:
        child = os.fork()
        if not child:
            os._exit(0)
        return os.waitpid(child, 0)[1] == 0

    idle = connect(url)  # has sent nothing yet
    used = connect(url)
    used.get_lease("name")
    used.close()
    assert forked()  # After this nothing is left of what was used.
    channels._CLOCK = forks._CLOCK = NoTime()  # type: ignore[assignment]
    failed: list[object] = []
    sys.unraisablehook = failed.append
    print(all(forked() for _ in range(5)), failed)
    idle.close()


if __name__ == "__main__":
    {"popen": popen, "unused": unused}[sys.argv[1]](sys.argv[2])
