"""Getting the lease, or not: time-outs, a store that cannot be had, wrong usage. Nothing ever starts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from integration.run.conftest import Leases
from integration.run.processes import child, eventually, now, supervised


@pytest.mark.parametrize("timeout", ["0", "0.7"])
def test_not_acquired_in_time(leases: Leases, desk: Path, timeout: str) -> None:
    """120 after the timeout, neither before nor much later, and the command never ran."""
    options = ("--json", "--store", leases.url, "--timeout", timeout)
    held = leases.other.acquire_lease("job", period=60.0)
    assert held is not None
    begun = now()
    with supervised(desk, "job", *options, "--", *child("seven", desk)) as run:
        assert run.process.stderr is not None
        assert json.loads(run.process.stderr.readline())["event"] == "waiting"
        waited_at = now()
        assert run.ended() == 120
        assert "timeout" in run.errors()
    assert now() - begun >= float(timeout)
    assert now() - waited_at < float(timeout) + 5
    assert not (desk / "leader").exists()
    assert held.release()
    assert leases.other.list_leases() == []


@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_quiet_says_only_by_its_code_that_another_has_it(
    leases: Leases, desk: Path, quiet: tuple[str, ...]
) -> None:
    """With it cron has nothing to mail; without it a line names the way to see who has the lease."""
    assert leases.other.acquire_lease("job", period=60.0) is not None
    with supervised(desk, "--store", leases.url, "--timeout", "0", *quiet, "job", "--", "true") as run:
        assert run.ended() == 120
        said = run.errors()
    assert said == "" if quiet else re.fullmatch(r"coordination: .*`coordination get`.*\n", said)


def test_quiet_is_not_quiet_about_a_store_that_cannot_be_reached(desk: Path) -> None:
    """Nobody doing the work is news."""
    (desk / "file").write_text("in the way of a folder")
    url = (desk / "file" / "leases").as_uri()
    with supervised(desk, "--store", url, "--timeout", "0", "--quiet", "job", "--", "true") as run:
        assert run.ended() == 122
        assert run.errors() != ""


def test_waits_until_the_holder_releases(leases: Leases, desk: Path) -> None:
    """Without --timeout it waits, and starts the command once the lease is free."""
    held = leases.other.acquire_lease("job", period=60.0)
    assert held is not None
    command = ("--json", "--", *child("seven", desk))
    with supervised(desk, "job", "--store", leases.url, *command) as run:
        assert run.process.stderr is not None
        assert json.loads(run.process.stderr.readline())["event"] == "waiting"
        assert not (desk / "leader").exists()
        held.release()
        assert run.ended() == 7


def test_held_under_the_machine_id(leases: Leases, desk: Path) -> None:
    """Others see who holds it: the name that was asked for."""
    arguments = ("--machine-id", "blue", "--period", "20", "--", *child("obedient", desk))
    with supervised(desk, "job", "--store", leases.url, *arguments) as run:
        assert run.leader
        assert leases.holder().machine_id == "blue"
        assert leases.holder().period == 20.0
        run.process.terminate()
        assert run.ended() == 128 + 15


def test_one_try_on_a_store_that_does_not_answer(leases: Leases, desk: Path) -> None:
    """`--timeout 0` answers at once: 122, because nobody can say who has the lease."""
    arguments = ("--json", "--store", leases.url, "--timeout", "0", "--", "true")
    with leases.silenced(), supervised(desk, "job", *arguments) as run:
        assert run.process.stderr is not None
        run.process.stderr.readline()  # it waits
        begun = now()
        assert run.ended() == 122
        assert now() - begun < 4


def test_store_that_cannot_be_reached(desk: Path) -> None:
    """122, with one line that says why; the command never ran."""
    (desk / "file").write_text("in the way of a folder")
    url = (desk / "file" / "leases").as_uri()
    with supervised(desk, "job", "--store", url, "--timeout", "1", "--", *child("seven", desk)) as run:
        assert run.ended() == 122
        message = run.errors()
    assert message.startswith("coordination: ")
    assert message.count("\n") == 1
    assert not (desk / "leader").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("job",),
        ("--", "true"),
        ("job", "--period", "0", "--", "true"),
        ("job", "--period", "nan", "--", "true"),
        ("job", "--grace", "-1", "--", "true"),
        ("job", "--timeout", "soon", "--", "true"),
        ("job", "--store", "nowhere://x", "--", "true"),
        ("x" * 300, "--", "true"),
    ],
)
def test_wrong_usage(desk: Path, arguments: tuple[str, ...]) -> None:
    """2, like every other command, with a message on stderr."""
    with supervised(desk, *arguments) as run:
        assert run.ended() == 2
        assert run.errors() != ""


@pytest.mark.parametrize("separator", [(), ("--",)])
@pytest.mark.parametrize("behind", [False, True])
def test_options_end_where_the_command_begins(
    leases: Leases, desk: Path, separator: tuple[str, ...], behind: bool
) -> None:
    """Ours may stand before and behind NAME; from COMMAND's first word on they are the command's."""
    ours = ("--store", leases.url)
    ahead = ("job", *ours) if behind else (*ours, "job")
    with supervised(desk, *ahead, *separator, "echo", "--timeout", "5", "hi", "--json", "--", "-x") as run:
        assert run.ended() == 0
        assert run.process.stdout is not None
        assert run.process.stdout.read() == "--timeout 5 hi --json -- -x\n"
        assert run.errors() == ""


def test_command_gets_its_own_options(leases: Leases, desk: Path) -> None:
    """What stands after -- is the command's, also where it looks like an option of ours."""
    command = (
        "sh",
        "-c",
        'test "$*" = "--period 3 -- --json" && exit 40',
        "sh",
        "--period",
        "3",
        "--",
        "--json",
    )
    with supervised(desk, "job", "--store", leases.url, "--", *command) as run:
        assert run.ended() == 40
    eventually(leases.is_free_at_once, "the lease is free")
