"""A nightly job that runs on one machine only, although every machine's cron starts it.

    python examples/cron_guard.py file:///var/lib/shop/leases

The others find the lease taken and leave at once, with exit code 0: nothing is wrong with them.
"""

from __future__ import annotations

import sys
import time

from coordination import Lease, connect


def nightly(lease: Lease) -> None:
    """The work, in steps; each begins by asking whether we may still do it."""
    for step in ("rotate", "report", "prune"):
        lease.check()
        print(f"{step} under token {lease.token}", flush=True)
        time.sleep(0.2)


def main(url: str) -> int:
    """Take the lease or leave; keep it alive while the work runs; give it back at the end."""
    with connect(url) as manager:
        lease = manager.acquire_lease("nightly-report", period=30)
        if lease is None:
            print("another machine does it tonight")
            return 0
        with lease:
            nightly(lease)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
