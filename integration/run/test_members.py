"""`coordination members --join`: in the group while the command runs, whatever becomes of the membership."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coordination import Member
from integration.run.conftest import Leases
from integration.run.processes import RUN, Supervised, child, eventually, group_runs, supervised

MEMBERS = [*RUN[:-1], "members"]


@contextmanager
def joined(leases: Leases, desk: Path, *arguments: str, machine: str = "ours") -> Iterator[Supervised]:
    """`coordination members web --join ARGUMENTS` on the store, under the name of a machine."""
    ours = ("web", "--join", "--store", leases.url, "--machine-id", machine)
    with supervised(desk, *ours, *arguments, program=MEMBERS) as run:
        yield run


def members(leases: Leases) -> list[Member]:
    """Who is in the group, as another machine sees it."""
    return leases.other.membership("web").members()


@pytest.mark.parametrize(("mode", "code"), [("seven", 7), ("killed", 128 + 10)])
def test_it_leaves_when_the_command_has_ended(leases: Leases, desk: Path, mode: str, code: int) -> None:
    """The exit code is the command's, nothing is said, and nobody is in the group any more."""
    with joined(leases, desk, "--", *child(mode, desk)) as run:
        assert run.ended() == code
        assert run.errors() == ""
        assert not group_runs(run.leader)
    assert members(leases) == []


def test_others_see_it_while_the_command_runs(leases: Leases, desk: Path) -> None:
    """Machine, process and metadata; a signal is passed on, and when that has ended it, it leaves."""
    with joined(leases, desk, "--meta", "port=80", "--", *child("listener", desk)) as run:
        assert run.leader
        (member,) = members(leases)
        assert (member.machine_id, member.pid) == ("ours", run.process.pid)
        assert member.metadata == {"port": "80"}
        run.process.terminate()
        assert run.ended() == 9
    assert members(leases) == []


def test_the_command_knows_its_group(leases: Leases, desk: Path) -> None:
    """Name and token are in its environment."""
    with joined(leases, desk, "--", *child("environment", desk)) as run:
        assert run.ended() == 0
    variables = dict(line.partition("=")[::2] for line in (desk / "environment").read_text().split("\n"))
    assert variables["COORDINATION_NAME"] == "web"
    assert int(variables["COORDINATION_TOKEN"]) > 0


def test_a_second_process_of_the_same_machine_id_is_told(leases: Leases, desk: Path, tmp_path: Path) -> None:
    """120 and no command for whoever comes second; the first one goes on, and is told as well."""
    other_desk = tmp_path / "second"
    other_desk.mkdir()
    with joined(leases, desk, "--", *child("listener", desk)) as first:
        assert first.leader
        with joined(leases, other_desk, "--", *child("seven", other_desk)) as second:
            assert second.ended() == 120
            assert "'ours' is in 'web' already" in second.errors()
        assert not (other_desk / "leader").exists()
        assert [member.pid for member in members(leases)] == [first.process.pid]
        assert first.process.stderr is not None
        assert "another process wants" in first.process.stderr.readline()
        first.process.terminate()
        assert first.ended() == 9


def test_a_lost_membership_comes_back_and_ends_no_command(leases: Leases, desk: Path) -> None:
    """The record is removed by hand: it is there again under a new token, and the command runs on."""
    with joined(leases, desk, "--", *child("obedient", desk)) as run:
        assert run.leader
        (before,) = members(leases)
        for record in (leases.folder / "@members").rglob("ours.json"):
            record.unlink()
        eventually(lambda: [it.token > before.token for it in members(leases)] == [True], "it is back")
        assert group_runs(run.leader)
        assert run.process.poll() is None
        run.process.terminate()
        assert run.ended() == 128 + 15
    assert members(leases) == []
