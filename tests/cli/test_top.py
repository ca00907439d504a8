"""`coordination top` where there is no terminal, and for programs."""

from __future__ import annotations

import os
import time

import pytest

from coordination import Manager
from coordination.cli.top import ONCE
from coordination.errors import StoreUnavailable
from coordination.stores.file.store import FileStore
from tests.cli.conftest import Cli


def test_an_empty_store(cli: Cli) -> None:
    """A line that says so, and 0: nothing to see is no failure."""
    result = cli("top")
    assert (result.exit_code, result.stdout) == (0, "0 leaders | 0 pools | 0 locks | 0 groups | 0 leases\n")


def test_once_where_there_is_no_terminal(cli: Cli, other: Manager) -> None:
    """Tables of what there is; --once makes no difference there."""
    other.acquire_lease("nightly", version=3)
    other.lock("orders").acquire()
    other.membership("web").join()
    said = cli("top").stdout
    assert said.splitlines()[0] == "0 leaders | 0 pools | 1 lock | 1 group | 1 lease"
    rows = {line.split()[0]: line.split() for line in said.splitlines()[1:] if line}
    assert rows["nightly"][1:3] == ["other", "3"]
    assert rows["orders"][1:3] == ["other", "0"]
    assert rows["web"][1:] == ["1", "other"]
    assert cli("top", "--once").stdout.splitlines()[0] == said.splitlines()[0]


def test_once_is_not_endless(cli: Cli, other: Manager) -> None:
    """Of a thousand leases the newest, and how many more there are."""
    for number in range(ONCE + 5):
        other.acquire_lease(f"job-{number:02}", period=60)
    lines = cli("top", "--once").stdout.splitlines()
    assert lines[-1] == "… 6 more"
    assert [line.split()[0] for line in lines if line.startswith("job-")] == [
        f"job-{number:02}" for number in range(ONCE + 4, 5, -1)
    ]


def test_for_programs(cli: Cli, other: Manager) -> None:
    """One object with every lease, lock and member."""
    for number in range(ONCE + 5):
        other.acquire_lease(f"job-{number:02}", period=60, metadata={"k": "v"})
    hold = other.lock("orders").acquire()
    other.membership("web", metadata={"zone": "a"}).join()
    look = cli.json("top")
    assert len(look["leases"]) == ONCE + 5
    assert look["leases"][0]["metadata"] == {"k": "v"}
    assert 0 < look["leases"][0]["time_remaining"] <= 60
    (lock,) = look["locks"]
    assert (lock["name"], lock["machine_id"], lock["token"], lock["waiting"]) == (
        "orders",
        "other",
        hold.token,
        0,
    )
    (member,) = look["groups"]["web"]
    assert (member["machine_id"], member["metadata"], member["pid"]) == ("other", {"zone": "a"}, os.getpid())
    assert (look["leaders"], look["pools"]) == ([], [])
    assert look["at"] == pytest.approx(time.time(), abs=30.0)


def test_leaders_and_pools_as_they_are_really_kept(cli: Cli, other: Manager) -> None:
    """What a leader proclaimed, and the units of those who share a pool."""
    leader = other.leader("jobs", version=4)
    term = leader.campaign()
    leader.proclaim({"port": 80})
    pool = other.pool("work")
    for name in ("a", "b", "c"):
        pool.add(name, weight=2)
    assert len(pool.balance()) == 3
    other.pool("alone", machine_id="idle").balance()
    look = cli.json("top")
    (led,) = look["leaders"]
    assert (led["name"], led["machine_id"], led["version"], led["token"]) == ("jobs", "other", 4, term.token)
    assert (led["value"], led["taking_over"], led["successor"]) == ({"port": 80}, False, None)
    alone, work = look["pools"]
    assert alone == {
        "name": "alone", "units": 0, "free": 0,
        "machines": [{"machine_id": "idle", "owns": 0, "weight": 0.0, "shares": True}],
    }  # fmt: skip
    assert work == {
        "name": "work", "units": 3, "free": 0,
        "machines": [{"machine_id": "other", "owns": 3, "weight": 6.0, "shares": True}],
    }  # fmt: skip
    rows = [line.split() for line in cli("top").stdout.splitlines()]
    assert ["work", "3", "0", "1", "3", "3"] in rows
    assert any(row[:4] == ["jobs", "other", "4", str(term.token)] for row in rows)


def test_names_of_others_do_not_steer_the_terminal(cli: Cli, other: Manager) -> None:
    """Escape sequences in a name are shown, not sent."""
    other.acquire_lease("evil\x1b[2J", "m\x07")
    other.membership("g\x1b").join()
    said = cli("top").stdout
    assert "evil\\x1b[2J" in said
    assert not set("\x1b\x07") & set(said)


def test_a_store_out_of_reach_ends_with_122(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the start it is told, not ridden out."""

    def fail(self: FileStore, prefix: str, *, timeout: float) -> None:
        raise StoreUnavailable("no answer")

    monkeypatch.setattr(FileStore, "list", fail)
    assert cli.error("top")["exit_code"] == 122
