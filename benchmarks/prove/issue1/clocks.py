"""Wall clocks an hour off, another boot-time namespace, an earlier boot: who is robbed, who is free."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from benchmarks.prove.children import line, running
from benchmarks.prove.figure import Figure, none_of
from coordination import connect
from coordination.testing import FakeClock

HOUR = 3600.0
PERIOD = 1.5
WATCHED = 4 * PERIOD

SHIFTED = """
import sys, time
from coordination import connect
from coordination.clock import SystemClock
class Shifted(SystemClock):
    def __init__(self, wall, boot): self.by_wall, self.by_boot = wall, boot
    def wall(self): return super().wall() + self.by_wall
    def now(self): return super().now() + self.by_boot
url, name, period, wall, boot = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:6])
manager = connect(url, clock=Shifted(wall, boot))
"""
HOLDER = (
    SHIFTED
    + """
lease = manager.acquire_lease(name, period=period).keep_alive()
print("holding", flush=True)
sys.stdin.readline()
print(lease.held and lease.lost is None, flush=True)
"""
)
CHALLENGER = (
    SHIFTED
    + """
ends = time.monotonic() + float(sys.argv[6])
tries = robbed = 0
while time.monotonic() < ends:
    tries += 1
    robbed += manager.acquire_lease(name, period=period) is not None
    time.sleep(0.02)
print(tries, robbed, flush=True)
"""
)
ONE_SHOT = SHIFTED + "print(manager.acquire_lease(name, period=period) is not None, flush=True)"
LEAVES = SHIFTED + "assert manager.acquire_lease(name, period=period); print('left', flush=True)"

IN_ANOTHER_BOOT_CLOCK = ("unshare", "-T", "--boottime", "100000", "--fork")
IN_AN_EARLIER_BOOT = (
    "unshare",
    "--mount",
    "sh",
    "-c",
    'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"',
)


def robberies(
    holder_wall: float = 0, challenger_wall: float = 0, prefix: tuple[str, ...] = ()
) -> tuple[int, int]:
    """Tries and robberies by a challenger of a holder that renews; a holder that lost it is one more."""
    with tempfile.TemporaryDirectory() as folder:
        url, period = Path(folder).as_uri(), str(PERIOD)
        with running(HOLDER, url, "kept", period, str(holder_wall), "0") as holder:
            line(holder)
            arguments = (url, "kept", period, str(challenger_wall), "0", str(WATCHED))
            with running(CHALLENGER, *arguments, prefix=prefix) as challenger:
                tries, robbed = map(int, line(challenger).split())
            assert holder.stdin is not None
            holder.stdin.write("\n")
            holder.stdin.flush()
            return tries, robbed + (line(holder) != "True")


def first_try_takes(left_by: tuple[str, ...], period: float, later: float) -> bool:
    """Whether a program that looks once gets a lease left behind `later` seconds ago."""
    with tempfile.TemporaryDirectory() as folder:
        url = Path(folder).as_uri()
        for code, prefix, shift in ((LEAVES, left_by, 0.0), (ONE_SHOT, (), later)):
            with running(code, url, "left", str(period), str(shift), str(shift), prefix=prefix) as program:
                answer = line(program)
        return answer == "True"


def figures() -> Iterator[Figure]:
    """Robberies first, then what must be free at once, then our own belief."""
    shifts = {"holder +1 h": (HOUR, 0.0), "holder -1 h": (-HOUR, 0.0), "challenger +1 h": (0.0, HOUR)}
    shifts["challenger -1 h"] = (0.0, -HOUR)
    for who, (holder, challenger) in shifts.items():
        tries, robbed = robberies(holder, challenger)
        yield none_of(
            f"wall clock of the {who}: a renewing holder is robbed", "robberies", robbed, f"{tries} tries"
        )
    yield _taken("an hours-old expired lease", first_try_takes((), PERIOD, 3 * HOUR))
    yield from _as_root()
    yield _suspended()


def _taken(what: str, taken: bool) -> Figure:
    measured = "taken" if taken else "not taken"
    return Figure(f"{what}: the first one-shot acquire", "takes it", measured, taken)


def _as_root() -> Iterator[Figure]:
    name = "a challenger in another boot-time namespace"
    if sys.platform != "linux" or os.geteuid() != 0:
        yield Figure(name, "0 robberies", "needs root on Linux", passed=False)
        return
    subprocess.run([*IN_ANOTHER_BOOT_CLOCK, "true"], check=True)
    tries, robbed = robberies(prefix=IN_ANOTHER_BOOT_CLOCK)
    yield none_of(name, "robberies", robbed, f"{tries} tries")
    with tempfile.NamedTemporaryFile("w") as boot_id:
        boot_id.write(f"{uuid.uuid4()}\n")
        boot_id.flush()
        taken = first_try_takes((*IN_AN_EARLIER_BOOT, boot_id.name), 900, 0)
    yield _taken("a lease of 15 min from before a reboot", taken)


def _suspended() -> Figure:
    clock = FakeClock()
    with connect("memory://", clock=clock) as manager:
        lease = manager.acquire_lease("slept", period=60)
        assert lease is not None
        before = lease.held
        clock.advance(100)
        held = lease.held
    passed = before and not held
    return Figure("boot time +100 s on a lease of 60 s", "held false at once", f"held {held}", passed)
