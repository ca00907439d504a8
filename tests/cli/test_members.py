"""`members`: who is in a group, and who comes and goes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from coordination import Manager, connect
from tests.cli.conftest import Cli
from tests.cli.watched import watched

SOON = 20.0
"""Seconds within which another thread must have done something."""


@pytest.fixture
def third(url: str) -> Iterator[Manager]:
    """A third machine on the same store."""
    with connect(url, machine_id="a third") as manager:
        yield manager


def test_a_group_without_members_ends_with_1(cli: Cli) -> None:
    """Nothing on stdout for people, an empty list for programs."""
    result = cli("members", "web")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "nobody is in web\n")
    result = cli("members", "web", "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "[]\n", "")


def test_members_by_machine(cli: Cli, other: Manager, third: Manager) -> None:
    """With token, process, age and what they want known; not those of another group."""
    for manager, group in ((other, "web"), (third, "web"), (other, "db")):
        manager.membership(group, metadata={"zone": "z"} if manager is other else None).join()
    heading, *rows = cli("members", "web").stdout.splitlines()
    told = cli.json("members", "web")
    assert heading.split() == ["MACHINE", "TOKEN", "SINCE", "AGE", "WHERE", "META"]
    assert [row[:7].rstrip() for row in rows] == ["a third", "other"]
    assert f"pid {os.getpid()} on " in rows[1]
    assert (rows[0][-1], rows[1].endswith("zone=z")) == ("-", True)
    assert [(it["group"], it["machine_id"], it["metadata"]) for it in told] == [
        ("web", "a third", {}),
        ("web", "other", {"zone": "z"}),
    ]
    assert str(told[1]["token"]) in rows[1]
    assert told[1]["since"] == pytest.approx(time.time(), abs=SOON)


def test_names_of_others_do_not_steer_the_terminal(cli: Cli, url: str) -> None:
    """Escape sequences in a machine's name or metadata are shown, not sent."""
    with connect(url, machine_id="evil\x1b[2J") as evil:
        evil.membership("web", metadata={"k": "\x07"}).join()
        for words in (("members", "web"), ("members", "web", "--watch", "--timeout", "0")):
            result = cli(*words)
            assert "evil\\x1b[2J" in result.output
            assert not set("\x1b\x07") & set(result.output)


def test_watching_tells_who_is_there_and_who_comes_and_goes(
    cli: Cli, other: Manager, third: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one, in order: those who were there as having joined."""
    other.membership("web").join()
    coming = third.membership("web", metadata={"zone": "z"})
    with watched(cli, monkeypatch, "members", "web") as watching:
        told = watching.next()
        assert (told["event"], told["group"], told["machine_id"]) == ("joined", "web", "other")
        coming.join()
        told = watching.next()
        assert (told["event"], told["machine_id"], told["metadata"]) == ("joined", "a third", {"zone": "z"})
        watching.end()
        coming.leave()


def test_a_line_of_the_watch(cli: Cli, other: Manager) -> None:
    """For people: when, which group, who, which process, which token, what he wants known."""
    other.membership("web", metadata={"zone": "z"}).join()
    (line,) = cli("members", "web", "--watch", "--timeout", "0").stdout.splitlines()
    token = cli.json("members", "web")[0]["token"]
    assert line[8:].startswith(f"  web  other joined (pid {os.getpid()} on ")
    assert line.endswith(f"), token {token}, zone=z")


def test_watching_an_empty_group(cli: Cli) -> None:
    """There is nothing to tell, and that is no failure: somebody may come."""
    result = cli("members", "web", "--watch", "--timeout", "0")
    assert (result.exit_code, result.output) == (0, "")
