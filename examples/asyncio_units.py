"""Many units of work in one event loop: a task for each waits for its lock, works, and hands it on.

    python examples/asyncio_units.py file:///var/lib/fleet MACHINE UNITS ROUNDS

Start it on several machines. A thousand units are a thousand tasks, and no thread more than ten.
`commit` writes only while the lock is ours: a machine that was paused for too long and wakes up
believing otherwise gets `LeaseLost`, and its successor's counter stays as it was.
"""

from __future__ import annotations

import asyncio
import sys

from coordination import LeaseLost, aio


async def own(manager: aio.Manager, machine: str, unit: str, rounds: int) -> None:
    """Wait for the unit, raise its counter so many times, and give it to the next machine."""
    key = f"{unit}/count"
    try:
        async with manager.lock(f"unit/{unit}") as hold:
            hold.on_lost(lambda hold, reason: print(f"{machine} lost {hold.name}: {reason}", flush=True))
            for _ in range(rounds):
                count = int(await manager.read(key) or b"0") + 1
                await hold.commit({key: str(count)})
                print(f"{machine} {unit} token {hold.token} count {count}", flush=True)
                await asyncio.sleep(0.01)
    except LeaseLost:
        return  # Somebody else has it by now, and goes on where the last commit was.


async def main(url: str, machine: str, units: int, rounds: int) -> None:
    """All units at once. Ctrl-C cancels the tasks: who waits leaves the queue, and who owns gives back."""
    async with aio.connect(url, machine_id=machine) as manager, asyncio.TaskGroup() as tasks:
        for number in range(units):
            tasks.create_task(own(manager, machine, f"u{number}", rounds))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
