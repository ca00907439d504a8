"""What comes and goes between two looks of the poller was a change all the same."""

from __future__ import annotations

import time
from pathlib import Path

from coordination.clock import SystemClock
from coordination.stores.file.store import FileStore

SOON = 10.0
"""Real seconds in which the poller has looked a few times, also on a busy machine."""


def test_what_comes_and_goes_is_told(tmp_path: Path) -> None:
    """A record that is gone again before anybody looked leaves its number, and whoever watches is told."""
    one, two = (FileStore(tmp_path, SystemClock(), durable=False) for _ in range(2))
    session, told = two.open_session(60.0, timeout=5.0), list[str]()

    def come_and_go() -> None:
        record = two.create("/leases/a", b"{}", session, timeout=5.0)
        assert record is not None
        assert two.delete("/leases/a", record.index, timeout=5.0)

    come_and_go()
    watching = one.watch("/leases/a", 0, lambda key, index: told.append(key), timeout=5.0)
    settled = len(told)
    come_and_go()
    until = time.monotonic() + SOON
    while len(told) == settled and time.monotonic() < until:
        time.sleep(0.02)
    assert len(told) > settled
    watching.close()
    one.close()
    two.close()
