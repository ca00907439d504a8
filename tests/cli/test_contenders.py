"""`holders`, `break`, `ask`: what is shown of a lock, and how its holder is made to go."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import Result

from coordination import Manager, connect
from tests.cli.conftest import Cli

SOON = 20.0
"""Seconds within which another thread must have done something."""


@contextmanager
def a_waiter(url: str, other: Manager, name: str = "job") -> Iterator[None]:
    """A third machine waits for the lock, for as long as the block."""
    with connect(url, machine_id="third") as third:
        waiting = threading.Thread(target=lambda: third.lock(name).acquire(SOON))
        waiting.start()
        try:
            until = time.monotonic() + SOON
            while len(other.holders(name)) < 2:
                assert time.monotonic() < until, "nobody came to wait"
                time.sleep(0.01)
            yield
        finally:
            for contender in other.holders(name):
                other.break_lock(name, contender.token)
            waiting.join(SOON)


def test_a_free_lock_ends_with_1(cli: Cli) -> None:
    """Nothing on stdout for people, an empty list for programs."""
    result = cli("holders", "job")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "nobody holds job\n")
    result = cli("holders", "job", "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "[]\n", "")


def test_holders_come_in_their_order(cli: Cli, other: Manager, url: str) -> None:
    """First the one who holds it, then who waits, with token, machine, process, age and metadata."""
    hold = other.lock("job", metadata={"why": "test"}).acquire()
    with a_waiter(url, other):
        heading, *rows = cli("holders", "job").stdout.splitlines()
        told = cli.json("holders", "job")
    assert heading.split() == ["PLACE", "TOKEN", "MACHINE", "SINCE", "AGE", "WHERE", "META"]
    assert [row.split()[0] for row in rows] == ["holds", "1"]
    assert [row.split()[2] for row in rows] == ["other", "third"]
    assert rows[0].split()[1] == str(hold.token)
    assert f"pid {os.getpid()} on " in rows[0]
    assert rows[0].endswith("why=test")
    assert rows[1].endswith("-")
    assert [(each["place"], each["waiting"], each["machine_id"]) for each in told] == [
        (0, False, "other"),
        (1, True, "third"),
    ]
    assert told[0]["token"] == hold.token < told[1]["token"]
    assert told[0]["metadata"] == {"why": "test"}
    assert told[0]["since"] == pytest.approx(time.time(), abs=SOON)
    assert 0 <= told[0]["age"] < SOON


def test_names_of_others_do_not_steer_the_terminal(cli: Cli, url: str) -> None:
    """Escape sequences in a machine's name or metadata are shown, not sent."""
    with connect(url, machine_id="evil\x1b[2J") as evil:
        evil.lock("job", metadata={"k": "\x07"}).acquire()
        for words in (("holders", "job"), ("break", "job", "--token", "1")):
            result = cli(*words)
            assert "evil\\x1b[2J" in result.output
            assert not set("\x1b\x07") & set(result.output)


def test_break_takes_it_from_the_holder_seen(cli: Cli, other: Manager) -> None:
    """It is told of it as broken, and the lock is free."""
    hold = other.lock("job").acquire()
    result = cli("break", "job", "--token", str(hold.token))
    assert (result.exit_code, result.stdout) == (0, f"broke job: token {hold.token}\n")
    assert hold.wait(SOON) == "broken"
    assert other.holders("job") == []


def test_break_for_programs(cli: Cli, other: Manager) -> None:
    """One object, whether it was broken or nobody held it; the code tells which."""
    hold = other.lock("job").acquire()
    told = {"name": "job", "broken": True, "token": hold.token}
    assert cli.json("break", "job", "--token", str(hold.token)) == told
    result = cli("break", "job", "--token", str(hold.token), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {**told, "broken": False}


def test_break_of_somebody_else_does_nothing(cli: Cli, other: Manager, url: str) -> None:
    """An old token, or a waiter's, ends with 120 and says who holds it; nobody is disturbed."""
    hold = other.lock("job").acquire()
    with a_waiter(url, other):
        waiter = other.holders("job")[1]
        for token in (hold.token - 1, waiter.token):
            error = cli.error("break", "job", "--token", str(token))
            assert error["exit_code"] == 120
            assert f"other does (pid {os.getpid()}" in error["message"]
            assert str(hold.token) in error["message"]
        assert hold.held
        assert len(other.holders("job")) == 2


def test_break_of_a_free_lock_ends_with_1(cli: Cli) -> None:
    """There is nobody to take it from."""
    result = cli("break", "job", "--token", "7")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "nobody holds job\n")


def asked(cli: Cli) -> Result:
    """Ask until the holder can be asked: that begins a moment after it holds."""
    until = time.monotonic() + SOON
    while (result := cli("ask", "job")).exit_code:
        assert "try again" in result.stderr
        assert time.monotonic() < until, "it cannot be asked"
        time.sleep(0.01)
    return result


def test_ask_reaches_the_holder(cli: Cli, other: Manager) -> None:
    """Its callback is called, and what it does about it is its own affair."""
    hold = other.lock("job").acquire()
    heard = threading.Event()
    hold.on_release_requested(lambda _hold: heard.set())
    result = asked(cli)
    assert (result.exit_code, result.stdout) == (0, "asked the holder of job\n")
    assert heard.wait(SOON)
    assert hold.held
    assert cli.json("ask", "job") == {"name": "job", "asked": True}


def test_ask_of_a_free_lock_ends_with_1(cli: Cli) -> None:
    """There is nobody to ask."""
    result = cli("ask", "job")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "nobody holds job\n")
    result = cli("ask", "job", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, {"name": "job", "asked": False})


def test_ask_of_a_holder_that_cannot_hear_says_so(
    cli: Cli, other: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is not the same as a free lock, for people; the code is."""
    other.lock("job").acquire()
    monkeypatch.setattr(Manager, "request_release", lambda self, name: False)
    result = cli("ask", "job")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("the holder of job cannot be asked now: try again")
