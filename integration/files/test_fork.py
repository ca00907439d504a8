"""A program that forks and connects again in the child: the stores of the two know nothing of each other."""

from __future__ import annotations

from pathlib import Path

from integration.files.conftest import Run

AGAIN = """
import os, sys
from coordination import connect
parent = connect(sys.argv[1])
lease = parent.acquire_lease("x", period=60)
parent.acquire_lease("y", period=60).release()
child = os.fork()
if child == 0:
    try:
        manager = connect(sys.argv[1])
        assert manager.acquire_lease("x") is None
        got = manager.acquire_lease("y", period=60)
        got.renew()
        assert got.release()
        print("child", flush=True)
        os._exit(0)
    finally:
        os._exit(1)
_, status = os.waitpid(child, 0)
lease.renew()
print(status, lease.release())
"""
INHERITED = """
import os, signal, sys, threading, time
from coordination import connect
from coordination.stores.file.exclusion import exclusive
from pathlib import Path
manager = connect(sys.argv[1])
manager.acquire_lease("x", period=60).release()
sidecar = Path(sys.argv[2]) / ".coordination" / "x.lock"
inside, done = threading.Event(), threading.Event()
def write():
    with exclusive(sidecar, 5):
        inside.set()
        done.wait()
threading.Thread(target=write).start()
inside.wait()
child = os.fork()
if child == 0:
    time.sleep(30)
    os._exit(0)
done.set()
started = time.monotonic()
lease = manager.acquire_lease("x", period=60)
print(lease is not None, time.monotonic() - started < 4)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
"""


def test_a_child_that_connects_again_works(run: Run) -> None:
    """Also on names that the parent has used, and the parent's leases are as before."""
    assert run(AGAIN).splitlines() == ["child", "0 True"]


def test_a_child_forked_in_the_middle_of_a_write_blocks_nobody(run: Run, folder: Path) -> None:
    """It inherits the open sidecar, but not for long the lock on it: its parent's unlocking is for both."""
    assert run(INHERITED, str(folder)) == "True True"
