"""One of several machines owns a unit of work, and its writes are fenced.

    python examples/unit_owner.py file:///var/lib/fleet MACHINE UNIT ROUNDS

Start it on several machines: one owns the unit, the others wait, and one of them goes on where it
stopped. `commit` writes only while the lease is ours; a machine that was paused for too long and
wakes up believing otherwise gets `LeaseLost`, and its successor's counter stays as it was.
"""

from __future__ import annotations

import sys
import time

from coordination import Lease, LeaseLost, Manager, connect


def advance(manager: Manager, lease: Lease, unit: str) -> int:
    """Raise the unit's counter by one, in a write that only the owner's passes."""
    key = f"{unit}/count"
    count = int(manager.read(key) or b"0") + 1
    lease.commit({key: str(count).encode()})
    return count


def main(url: str, machine: str, unit: str, rounds: int) -> int:
    """Own the unit for so many rounds; 1 if it was taken from us."""
    with connect(url, machine_id=machine) as manager:
        lease = manager.wait_lease(f"unit/{unit}", period=5, timeout=60)
        try:
            with lease:
                for _ in range(rounds):
                    print(f"{machine} token {lease.token} count {advance(manager, lease, unit)}", flush=True)
                    time.sleep(0.05)
        except LeaseLost as lost:
            print(f"{machine} lost {unit}: {lost.reason}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
