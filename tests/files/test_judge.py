"""When a session counts as dead, as tables: every pair of clocks, boots and folders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coordination.stores.file.expiry import Judge, Stamp, Verdict
from coordination.stores.file.origin import Origin, here, network_type
from coordination.testing import FakeClock

HOME = Origin("host", "boot-1", "time:[1]")
NOWHERE = Origin("host", "", "")  # macOS, Windows: no boot id, no time namespaces
TTL = 10.0


def _verdict(
    stamp_origin: Origin, wall: float, boot: float, *, judge_at: Origin = HOME, shared: bool = False
) -> Verdict:
    """Of a stamp taken `wall` and `boot` seconds before now."""
    clock = FakeClock()
    stamp = Stamp(clock.wall() - wall, clock.now() - boot, stamp_origin)
    return Judge(clock, judge_at, shared=shared).verdict(stamp, TTL)[0]


@pytest.mark.parametrize(
    ("wall", "boot", "verdict"),
    [
        (0, 0, Verdict.ALIVE),
        (9.9, 9.9, Verdict.ALIVE),
        (10, 10, Verdict.ALIVE),
        (10.1, 10.1, Verdict.EXPIRED),
        (3600, 3600, Verdict.EXPIRED),
        (3600, 1, Verdict.UNKNOWN),  # the wall clock stepped forward
        (-3600, 1, Verdict.ALIVE),  # or backward
        (-3600, 11, Verdict.UNKNOWN),
        (11, 9.9, Verdict.UNKNOWN),
        (9.9, 11, Verdict.UNKNOWN),
    ],
)
def test_same_boot(wall: float, boot: float, verdict: Verdict) -> None:
    """Dead when both clocks say so, in doubt when one does."""
    assert _verdict(HOME, wall, boot) is verdict


@pytest.mark.parametrize("wall", [-3600, 0, 1, 11, 3600])
@pytest.mark.parametrize("boot", [-1e6, 0, 11, 1e6])
def test_an_earlier_boot_of_this_host(wall: float, boot: float) -> None:
    """Dead at once in a folder of this machine alone; never by that rule in one that others share."""
    before = replace(HOME, boot="boot-0")
    assert _verdict(before, wall, boot) is Verdict.EXPIRED
    assert _verdict(before, wall, boot, shared=True) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "other",
    [
        replace(HOME, host="other"),
        replace(HOME, host="other", boot="boot-2"),
        replace(HOME, time_namespace="time:[2]"),
        replace(HOME, boot=""),
        NOWHERE,
        Origin("", "", ""),
    ],
)
@pytest.mark.parametrize("wall", [0, 3600])
@pytest.mark.parametrize("boot", [-1e6, 0, 3600, 1e6])
def test_anywhere_else_is_in_doubt(other: Origin, wall: float, boot: float) -> None:
    """Another host, another time namespace, or not enough known: its clocks prove nothing here."""
    assert _verdict(other, wall, boot) is Verdict.UNKNOWN


def test_without_a_boot_id_a_clock_that_ran_backwards_tells_of_a_reboot() -> None:
    """The boot clock is behind the stamp: with the wall clock past the end as well, it is dead."""
    assert _verdict(NOWHERE, 60, -500, judge_at=NOWHERE) is Verdict.EXPIRED
    assert _verdict(NOWHERE, 1, -500, judge_at=NOWHERE) is Verdict.UNKNOWN
    assert _verdict(NOWHERE, 1, 1, judge_at=NOWHERE) is Verdict.ALIVE


def test_the_holder_judges_itself_by_its_boot_clock() -> None:
    """Steps of the wall clock are no loss; time on the boot clock is."""
    clock = FakeClock()
    judge = Judge(clock, HOME, shared=False)
    stamp = judge.now()
    for step in (3600, -7200, 86_400 * 3650):
        clock.step_wall(step)
        assert judge.own_verdict(stamp, TTL) is Verdict.ALIVE
    clock.advance(TTL + 0.1)
    assert judge.own_verdict(stamp, TTL) is Verdict.EXPIRED


def test_the_time_left_is_never_more_than_the_ttl_when_in_doubt() -> None:
    """What a view shows as remaining is bounded by the period."""
    clock = FakeClock()
    for origin in (HOME, replace(HOME, host="other")):
        for wall, boot in ((3600, 1), (0, -1e6), (1, 1)):
            stamp = Stamp(clock.wall() - wall, clock.now() - boot, replace(origin, host="other"))
            assert 0 <= Judge(clock, HOME, shared=False).verdict(stamp, TTL)[1] <= TTL


def test_here_says_where_we_are() -> None:
    """The same twice in one process, with a host name."""
    assert here() == here()
    assert here().host


@pytest.mark.parametrize(
    ("kind", "point", "folder", "network"),
    [
        ("nfs4", "/mnt/share", "/mnt/share/leases", True),
        ("nfs4", "/mnt/share", "/mnt/share", True),
        ("nfs4", "/mnt/share", "/mnt/shared/leases", False),
        ("fuse.sshfs", "/mnt/with\\040blank", "/mnt/with blank/x", True),
        ("virtiofs", "/", "/srv", True),
        ("ext4", "/", "/srv", False),
        ("tmpfs", "/mnt", "/mnt/x", False),
        ("9p", "/mnt", "/mnt/x", True),
        ("cifs", "/mnt", "/mnt/x", True),
    ],
)
def test_folders_that_other_machines_share_are_known_by_their_mount(
    monkeypatch: pytest.MonkeyPatch, kind: str, point: str, folder: str, network: bool
) -> None:
    """The longest mount point that contains the folder decides."""
    from pathlib import Path

    mounts = f"rootfs / ext4 rw 0 0\nsomething {point} {kind} rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda *_args, **_options: mounts)
    assert bool(network_type(Path(folder))) is network
