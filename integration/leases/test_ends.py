"""How a process ends, and when the next one has its lease."""

from __future__ import annotations

import fcntl
import logging
import subprocess
import time
from pathlib import Path

import pytest

from coordination import Manager
from integration.leases.running import PATIENCE, finished, line, started

pytestmark = pytest.mark.untraced  # its processes go over lines that others cover


def test_a_killed_holder_is_succeeded_in_time(here: Manager, url: str) -> None:
    """kill -9 of a holder with a period of 2 s: a waiter has it within 3 s of the last renewal.

    Two seconds more are granted for a machine with other things to do. Nor is it any earlier than the
    holder was granted; the record may say more, if the kill came in the middle of a renewal.
    """
    with started("hold", url) as holder:
        granted, until = 0.0, time.monotonic() + 3.0
        while time.monotonic() < until:
            granted = float(line(holder))
        holder.kill()
        last = here.get_lease("job")
        assert last is not None
        lease = here.wait_lease("job", period=5.0, timeout=30.0)
        taken, waited = here.clock.now(), time.time() - last.renewed_at
    assert lease.held
    assert lease.token > last.token
    assert taken >= granted
    assert waited < 3.0 + 2.0


def test_leaving_the_program_releases_what_it_kept(here: Manager, url: str) -> None:
    """At once, without close(); a lease merely acquired is left to its period."""
    out, _ = finished("leave", url)
    assert out.split() == ["ends"]
    assert here.get_lease("job") is None
    assert here.get_lease("left") is not None


def test_exit_never_hangs_on_a_busy_name(here: Manager, url: str, folder: Path) -> None:
    """Another process holds the store's own lock for ever: the program ends all the same."""
    with started("wait_for_the_end", url) as holder:
        assert line(holder) == "True"
        sidecar = (folder / ".coordination/job.lock").open("a")
        fcntl.flock(sidecar, fcntl.LOCK_EX)
        began = time.monotonic()
        _, err = holder.communicate("end\n", timeout=PATIENCE)
        assert (holder.returncode, err) == (0, "")
        assert time.monotonic() - began < 10.0
        sidecar.close()
    # Whether its session could still be ended or not, the record is whole: it can be had, or stolen by index.
    left = here.get_lease("job")
    assert here.acquire_lease("job") if left is None else here.steal_lease("job", "here", 0, 5, left.index)


def test_nothing_configured_nothing_printed(url: str) -> None:
    """A loss is told to the callback; stdout and stderr belong to the program."""
    assert finished("lose", url) == ("", "")


def test_events_go_to_the_stdlib_without_secrets(url: str) -> None:
    """Everything at DEBUG: the events and their fields are there, and no secret is."""
    out, err = finished("log", url)
    secrets = out.split()
    assert len(secrets) == 2
    assert not any(secret in err for secret in secrets)
    events = {text.split()[1] for text in err.splitlines() if text.startswith("coordination ")}
    assert {"lease-acquired", "lease-lost", "lease-released"} <= events
    assert "'reason': 'stolen'" in err
    assert logging.getLogger("coordination").name in err


def test_a_stopped_holder_does_not_believe_when_it_goes_on(url: str) -> None:
    """SIGSTOP for longer than the period, SIGCONT: the first look says no, 20 times of 20.

    Times in which a busy machine let the period pass before the stop show nothing, and are not counted.
    """
    seen: list[str] = []
    with started("stop_often", url) as holder:
        while seen.count("True False") < 20 and len(seen) < 60:
            _until_stopped(holder)
            time.sleep(0.5)
            holder.send_signal(18)  # SIGCONT
            seen.append(line(holder))
    assert seen.count("True False") == 20
    assert set(seen) <= {"True False", "False False"}


def _until_stopped(holder: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE
    while Path(f"/proc/{holder.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert holder.poll() is None, holder.stderr and holder.stderr.read()
        assert time.monotonic() < until, "it does not stop"
        time.sleep(0.005)
