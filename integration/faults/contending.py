"""Programs that hold leases in processes of their own: `python -m integration.faults.contending NAME URL …`.

Each line they say is one JSON object. Times are wall clock, which the processes of one machine share;
`seen` is the last moment at which `held` is known to have been true, never later than that.
"""

from __future__ import annotations

import json
import random
import sys
import time
from contextlib import suppress

from coordination import Lease, LeaseLost, connect, waiting
from integration.faults.held import let_go

NAME = "contended"
TIMEOUT = 1.0
"""Seconds for one request: far below the periods used here, so that a failing member is left in time."""


def _say(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


def contend(url: str, period: str) -> None:
    """Get it, keep it for as long as possible, and again."""
    with connect(url, timeout=TIMEOUT) as manager:
        while True:
            lease = manager.wait_lease(NAME, period=float(period))
            _say("got", token=lease.token, at=time.time())
            with suppress(LeaseLost):  # Who was stopped for its whole period is told so already.
                lease.keep_alive()
            _watch(lease)


def _watch(lease: Lease) -> None:
    """Say what becomes of it, until it is over; that it is renewed, once both record and session are."""
    seen = deadline = 0.0
    while True:
        before = time.time()
        if not lease.held:
            _say("over", token=lease.token, seen=seen, reason=lease.lost)
            return
        seen = before
        if lease.grant.deadline != deadline:
            deadline = lease.grant.deadline
            _say("renewed", token=lease.token, at=lease.renewed_at, seen=seen)
        time.sleep(0.005)


def hand_over(url: str, rounds: str) -> None:
    """Each time a line comes: wait for the lease, hold it for a moment, give it up."""
    waiting.LOOK_AGAIN = 30.0  # Only a watch shall tell of the release.
    with connect(url) as manager:
        for _ in range(int(rounds)):
            sys.stdin.readline()
            lease = manager.wait_lease(NAME, period=60.0, timeout=60.0)
            _say("got", token=lease.token, at=time.time())
            # The other one starts waiting meanwhile; the release meets it at any point of that.
            time.sleep(random.uniform(0.0, 0.01))
            _say("freed", token=lease.token, at=time.time())
            let_go(lease)


def end(url: str) -> None:
    """Hold it, and end like any program when a line comes, whatever the store does then."""
    lease = connect(url, timeout=TIMEOUT).wait_lease(NAME, period=30.0, timeout=30.0).keep_alive()
    _say("got", token=lease.token, at=time.time())
    sys.stdin.readline()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
