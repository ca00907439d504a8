"""`elect --show` and `--watch`, and command lines that make no sense; running is in integration/run."""

from __future__ import annotations

import os
import re
import time

import pytest

from coordination import Manager, connect
from tests.cli.conftest import Cli
from tests.cli.watched import watched

SOON = 30.0


def test_nobody_leads(cli: Cli) -> None:
    """1, nothing on stdout for people, null for programs."""
    result = cli("elect", "job", "--show")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "nobody leads job\n")
    result = cli("elect", "job", "--show", "--json")
    assert (result.exit_code, result.stdout) == (1, "null\n")


def test_who_leads(cli: Cli, other: Manager) -> None:
    """A line: machine, process, version, token, what it proclaimed, since when; or an object."""
    leader = other.leader("job", version=3)
    term = leader.campaign()
    leader.proclaim({"port": 80})
    said = cli("elect", "--show", "job").stdout
    token, pid = term.token, os.getpid()
    pattern = (
        rf'job  led by other \(pid {pid} on .+\), version 3, token {token}, value {{"port": 80}}, since \d+-'
    )
    assert re.match(pattern, said)
    assert said.count("\n") == 1
    told = cli.json("elect", "job", "--show")
    assert told.pop("since") == pytest.approx(time.time(), abs=SOON)
    assert told.pop("host")
    assert told == {
        "name": "job", "machine_id": "other", "version": 3, "token": token, "value": {"port": 80},
        "taking_over": False, "pid": pid,
    }  # fmt: skip


def test_names_of_others_do_not_steer_the_terminal(cli: Cli, url: str) -> None:
    """Escape sequences in a machine's name or value are shown, not sent."""
    with connect(url, machine_id="evil\x1b[2J") as evil:
        leader = evil.leader("job")
        leader.campaign()
        leader.proclaim("\x07")
        for words in (("--show",), ("--watch", "--timeout", "0")):
            result = cli("elect", "job", *words)
            assert result.exit_code == 0
            assert "evil\\x1b[2J" in result.output
            assert not set("\x1b\x07") & set(result.output)


def test_watching(cli: Cli, other: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody at first, then who leads, what it proclaims, and that it resigned; renewals are no news."""
    leader = other.leader("job", ttl=6.0)
    with watched(cli, monkeypatch, "elect", "job") as watching:
        assert watching.next() == {"name": "job", "leader": None}
        term = leader.campaign()
        told = watching.next()["leader"]
        assert (told["machine_id"], told["token"], told["value"]) == ("other", term.token, None)
        time.sleep(2.2)  # A renewal at least.
        leader.proclaim("v")
        assert watching.next()["leader"]["value"] == "v"
        watching.end()
        leader.resign()


def test_a_line_of_the_watch(cli: Cli, other: Manager) -> None:
    """For people: when, what, who; nobody is told as well."""
    (line,) = cli("elect", "job", "--watch", "--timeout", "0").stdout.splitlines()
    assert line[8:] == "  job  nobody"
    term = other.leader("job").campaign()
    (line,) = cli("elect", "job", "--watch", "--timeout", "0").stdout.splitlines()
    assert line[8:].startswith(f"  job  led by other (pid {os.getpid()} on ")
    assert line.endswith(f"), version 0, token {term.token}")


@pytest.mark.parametrize(
    "words",
    [
        ("job",),
        ("job", "--"),
        ("--show", "job", "--", "true"),
        ("--watch", "job", "true"),
        ("--show", "--watch", "job"),
        ("--show", "--timeout", "3", "job"),
        ("--show", "--version", "2", "job"),
        ("--watch", "--again", "job"),
        ("--watch", "--value", "x", "job"),
        ("--show", "--grace", "5", "job"),
        ("--show", "--machine-id", "m", "job"),
        ("--version", "-1", "job", "--", "true"),
        ("--ttl", "0", "job", "--", "true"),
        ("--timeout", "-1", "job", "--", "true"),
        ("", "--", "true"),
        ("", "--show"),
    ],
)
def test_what_makes_no_sense_is_refused(cli: Cli, words: tuple[str, ...]) -> None:
    """Before anything is asked of the store, or run; an option without effect as well."""
    result = cli("elect", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_the_usage_shows_where_our_options_end(cli: Cli) -> None:
    """People see the form that is safe for every command, and that there may be none."""
    assert "elect [OPTIONS] NAME [-- COMMAND...]\n" in cli("elect", "--help").stdout
