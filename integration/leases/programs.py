"""Programs that hold leases in processes of their own: `python -m integration.leases.programs NAME URL`."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from coordination import ConfigurationError, Lease, LeaseLost, Manager, connect
from coordination.errors import OutcomeUnknown, StoreUnavailable


def _lease(manager: Manager, period: float) -> Lease:
    lease = manager.acquire_lease("job", period=period)
    assert lease is not None
    return lease


def _say(word: object) -> None:
    print(word, flush=True)


def hold(url: str) -> None:
    """Keep it until killed; says again and again until when it is granted, on the clock of managers."""
    manager = connect(url)
    while True:  # Again, if a busy machine let it run out.
        lease = manager.wait_lease("job", period=2.0).keep_alive()
        while lease.held:
            _say(lease.deadline)
            time.sleep(0.05)


def leave(url: str) -> None:
    """End with one lease kept and one merely acquired."""
    manager = connect(url)
    _lease(manager, 60.0).keep_alive()
    assert manager.acquire_lease("left", period=60.0) is not None
    _say("ends")


def wait_for_the_end(url: str) -> None:
    """Keep it until told to end."""
    lease = _lease(connect(url), 60.0).keep_alive()
    _say(lease.held)
    sys.stdin.readline()


def lose(url: str) -> None:
    """Lose it while kept, with no logging configured."""
    lost = threading.Event()
    lease = _lease(connect(url), 60.0).keep_alive(lambda _lease, _reason: lost.set())
    with connect(url) as thief:
        while not thief.steal_lease("job", "thief", 0, 60.0, lease.index):
            time.sleep(0.01)
        assert lost.wait(30.0)


def log(url: str) -> None:
    """The same with everything logged, and the secrets that must not be in it on stdout."""
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(name)s %(message)s %(fields)s")
    logging.getLogger("filelock").propagate = False
    with connect(url) as manager:
        lease = _lease(manager, 60.0)
        _say(lease.secret)
        lease.renew()
        again = manager.resume("job", str(lease.secret))
        again.renew()
        view = manager.get_lease("job")
        stolen = manager.steal_lease("job", "thief", 0, 60.0, view.index if view else 0)
        assert stolen is not None
        _say(stolen.secret)
        try:
            again.renew()
        except LeaseLost:
            stolen.release()


def stop_often(url: str) -> None:
    """Stop itself for longer than the period, and look at once when it goes on; says what it saw.

    Again and again, until it is killed. What a busy machine held up for the whole period is tried again.
    """
    with connect(url) as manager:
        while True:
            with suppress(StoreUnavailable, LeaseLost):
                lease = manager.wait_lease("job", period=0.4, timeout=30.0).keep_alive()
                held_before = lease.held
                os.kill(os.getpid(), 19)  # SIGSTOP; another process sends SIGCONT.
                held_after = lease.held
                _say(f"{held_before} {held_after}")
                time.sleep(0.05)


def fork(url: str) -> None:
    """What a child of fork can and cannot do with its parent's lease."""
    manager = connect(url)
    lease = _lease(manager, 60.0).keep_alive()
    token = lease.token
    pid = os.fork()
    if pid == 0:
        os._exit(_as_child(url, manager, lease))
    _, status = os.waitpid(pid, 0)
    lease.renew()
    _say(f"{os.waitstatus_to_exitcode(status)} {lease.held} {lease.token == token} {lease.lost}")


def _as_child(url: str, manager: Manager, lease: Lease) -> int:
    """0, or the number of the first thing that is not as it must be."""
    manager.close()
    lease.__exit__(None, None, None)
    checks: list[Callable[[], bool]] = [
        lambda: lease.held is False,
        lambda: lease.lost == "forked",
        lambda: lease.remaining == 0.0,
        lambda: _refused(lease.release, "forked"),
        lambda: _refused(lease.renew, "forked"),
        lambda: _refused(lease.check, "forked"),
        lambda: _refused(lease.keep_alive, "forked"),
        lambda: _refused(lambda: lease.on_lost(print), "forked"),
        lambda: _unusable(manager),
        lambda: _works(url),
    ]
    return next((number for number, check in enumerate(checks, 1) if not check()), 0)


def _refused(call: Callable[[], object], reason: str) -> bool:
    try:
        call()
    except LeaseLost as loss:
        return loss.reason == reason
    return False


def _unusable(manager: Manager) -> bool:
    try:
        manager.get_lease("job")
    except ConfigurationError:
        return True
    return False


def _works(url: str) -> bool:
    with connect(url) as own:
        lease = own.acquire_lease(f"child-{os.getpid()}", period=60.0)
        return lease is not None and lease.release() and own.acquire_lease("job", period=1.0) is None


def fork_often(url: str) -> None:
    """Fork 50 times while the heartbeat and four threads are busy; says how the children ended."""
    manager = connect(url)
    lease = _lease(manager, 60.0)  # Much longer than all of it: the children see that it is still held.
    lease.renew_every = 0.5
    lease.keep_alive()
    over = threading.Event()

    def load(number: int) -> None:
        while not over.is_set():
            other = manager.wait_lease(f"load-{number}", period=60.0, timeout=60.0)
            other.keep_alive(print)
            other.renew()
            with suppress(OutcomeUnknown):  # Held up for a second: it is done in the background.
                other.release()

    threads = [threading.Thread(target=load, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    codes = []
    for _ in range(50):
        pid = os.fork()
        if pid == 0:
            faulthandler.dump_traceback_later(38.0)  # Where it hangs, if it does.
            os._exit(_as_child(url, manager, lease))
        codes.append(_ended(pid, 40.0))
    over.set()
    for thread in threads:
        thread.join()
    _say(f"{' '.join(sorted(map(str, set(codes))))} {len(codes)}")


def _ended(pid: int, within: float) -> int | str:
    """The exit code; a child that hangs is killed, and counts as hung."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return "hung"


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2])
