"""`get`, `ls`, `watch`, `health`: what they print for people and for programs."""

from __future__ import annotations

import json
import os

import pytest

from coordination import Manager
from coordination.stores.file.store import FileStore
from tests.cli.conftest import Cli


def test_get_of_nothing_ends_with_1(cli: Cli) -> None:
    """Nothing on stdout, a sentence on stderr."""
    result = cli("get", "job")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "nobody holds job\n"


def test_get_of_nothing_is_null_for_programs(cli: Cli) -> None:
    """A program reads null, and the exit code is the same."""
    result = cli("get", "job", "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "null\n", "")


def test_get_shows_the_holder(cli: Cli, other: Manager) -> None:
    """Name, machine, process, version, token, ages and metadata, a line each."""
    lease = other.acquire_lease("job", version=7, period=75, metadata={"why": "test"})
    assert lease is not None
    lines = dict(line.split(maxsplit=1) for line in cli("get", "job").stdout.splitlines())
    assert (lines["name"], lines["machine"], lines["version"]) == ("job", "other", "7")
    assert (lines["token"], lines["index"]) == (str(lease.token), str(lease.index))
    assert lines["where"] == f"pid {os.getpid()} on {lease.host}"
    assert lines["time"].startswith("left")
    assert lines["time"].endswith("of 1 m 15 s")
    assert lines["meta"] == "why=test"


def test_get_json_has_every_field_but_the_secret(cli: Cli, other: Manager) -> None:
    """Unix seconds and numbers, for programs; the secret's digest is not shown either."""
    lease = other.acquire_lease("job", period=20, metadata={"a": "b"})
    assert lease is not None
    shown = cli.json("get", "job")
    assert shown.pop("time_remaining") == pytest.approx(20, abs=10)
    assert shown == {
        "name": "job",
        "machine_id": "other",
        "version": 0,
        "token": lease.token,
        "index": lease.index,
        "period": 20.0,
        "acquired_at": lease.acquired_at,
        "renewed_at": lease.renewed_at,
        "pid": os.getpid(),
        "host": lease.host,
        "metadata": {"a": "b"},
    }


def test_ls_lists_by_prefix(cli: Cli, other: Manager) -> None:
    """Aligned columns where there is no terminal, only the names that start with the prefix."""
    for name in ("shop-a", "shop-b", "x"):
        other.acquire_lease(name, period=60)
    heading, *rows = cli("ls", "shop-").stdout.splitlines()
    assert heading.split()[:4] == ["NAME", "MACHINE", "TOKEN", "VERSION"]
    assert [row.split()[:2] for row in rows] == [["shop-a", "other"], ["shop-b", "other"]]
    assert [lease["name"] for lease in cli.json("ls")] == ["shop-a", "shop-b", "x"]


def test_ls_of_nothing(cli: Cli) -> None:
    """Nothing on stdout for people, an empty list for programs, and no failure."""
    result = cli("ls")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no lease is held\n")
    assert cli.json("ls") == []


def test_names_of_others_do_not_steer_the_terminal(cli: Cli, other: Manager) -> None:
    """Escape sequences in a machine's name or metadata are shown, not sent."""
    other.acquire_lease("job", "evil\x1b[2J", period=60, metadata={"k": "\x07"})
    assert "k=\\x07" in cli("get", "job").stdout
    for command in (("get", "job"), ("ls",), ("watch", "job", "--timeout", "0"), ("acquire", "job")):
        result = cli(*command)
        assert "evil\\x1b[2J" in result.output
        assert not set("\x1b\x07") & set(result.output)


def test_watch_tells_the_state_now(cli: Cli, other: Manager) -> None:
    """With timeout 0 it is one line, for people and for programs."""
    assert cli("watch", "job", "--timeout", "0").stdout.endswith("job  free\n")
    lease = other.acquire_lease("job", period=60)
    assert lease is not None
    assert f"held by other (pid {os.getpid()}" in cli("watch", "job", "--timeout", "0").stdout
    told = cli.json("watch", "job", "--timeout", "0")
    assert (told["name"], told["lease"]["token"]) == ("job", lease.token)


def test_watch_tells_the_end_of_a_lease(cli: Cli, other: Manager) -> None:
    """Somebody holds it, then its period ends: two objects, a line each."""
    other.acquire_lease("job", period=3.0)
    result = cli("watch", "job", "--timeout", "6", "--json")
    told = [json.loads(line)["lease"] for line in result.stdout.splitlines()]
    assert [lease and lease["machine_id"] for lease in told] == ["other", None]


def test_health_of_a_good_store(cli: Cli) -> None:
    """Nothing to say: 0."""
    assert cli("health").stdout == "healthy\n"
    assert cli.json("health") == {"healthy": True, "conditions": []}


def test_health_with_conditions_ends_with_1(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Conditions are printed a line each, and monitoring sees them by the exit code."""
    monkeypatch.setattr(FileStore, "health", lambda self, *, timeout: ["disk nearly full", "clock steps"])
    result = cli("health")
    assert (result.exit_code, result.stdout) == (1, "disk nearly full\nclock steps\n")
    shown = json.loads(cli("health", "--json").stdout)
    assert shown == {"healthy": False, "conditions": ["disk nearly full", "clock steps"]}
