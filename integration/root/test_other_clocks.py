"""Processes whose boot clock or boot differs from ours, by Linux namespaces."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from coordination import connect

pytestmark = pytest.mark.root

ROOT = Path(__file__).resolve().parents[2]
OTHER_BOOT_CLOCK = ("unshare", "-T", "--boottime", "100000", "--fork")
OTHER_BOOT = (
    "unshare",
    "--mount",
    "sh",
    "-c",
    'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"',
)

PERIOD = 5.0
"""Seconds in which even a busy machine finds time for a renewal."""

TRYING = "12"
"""Seconds of tries: more than two periods."""

TRIES = """
import sys, time
from coordination import connect
manager = connect(sys.argv[1])
ends = time.monotonic() + float(sys.argv[2])
robbed = 0
while time.monotonic() < ends:
    robbed += manager.acquire_lease("kept", period=5) is not None
    time.sleep(0.05)
print(robbed)
"""
LEAVES = """
import sys
from coordination import connect
print(connect(sys.argv[1]).acquire_lease("left", period=900).token)
"""


def url(folder: Path) -> str:
    """A store without fsync: a disk that takes a second for one would be in the way of renewals."""
    return f"{folder.as_uri()}?durable=false"


def run(prefix: tuple[str, ...], code: str, *arguments: str) -> str:
    """What a program prints that runs elsewhere."""
    command = [*prefix, sys.executable, "-c", code, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    return ran.stdout.strip()


def test_a_challenger_with_another_boot_clock_robs_nobody(tmp_path: Path) -> None:
    """Its boot clock is a day ahead of the holder's, which renews: every try finds it held."""
    with connect(url(tmp_path)) as manager:
        lease = manager.acquire_lease("kept", period=PERIOD)
        assert lease is not None
        lease.keep_alive()
        assert run(OTHER_BOOT_CLOCK, TRIES, url(tmp_path), TRYING) == "0"
        assert lease.held


def test_a_challenger_with_another_boot_clock_takes_over_the_dead(tmp_path: Path) -> None:
    """It cannot compare the clocks, so it waits until it has itself seen no change for a period."""
    with connect(url(tmp_path)) as manager:
        lease = manager.acquire_lease("kept", period=PERIOD)
        assert lease is not None
        assert int(run(OTHER_BOOT_CLOCK, TRIES, url(tmp_path), TRYING)) >= 1
        assert not lease.held


def test_a_lease_from_before_a_reboot_is_free_at_once(tmp_path: Path) -> None:
    """Its holder cannot be alive, however long the period that is left; the token still rises."""
    boot_id = tmp_path / "boot_id"
    boot_id.write_text(f"{uuid.uuid4()}\n", encoding="utf-8")
    leases = url(tmp_path / "leases")
    before = int(run((*OTHER_BOOT, str(boot_id)), LEAVES, leases))
    with connect(leases) as manager:
        lease = manager.acquire_lease("left", period=60)
        assert lease is not None
        assert lease.token > before
