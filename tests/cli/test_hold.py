"""`acquire`, `renew`, `release`, `steal`: each a process of its own, tied together by the secret."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from coordination import Manager
from coordination.cli import secrets
from coordination.errors import ConfigurationError
from tests.cli.conftest import Cli


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "job.secret"


def test_acquire_renew_release_by_secret_file(cli: Cli, other: Manager, file: Path) -> None:
    """The flow of a shell script: one token all along, a longer period on demand, free at the end."""
    got = cli.json("acquire", "job", "--period", "60", "--secret-file", str(file), "--meta", "why=test")
    assert (got["period"], got["metadata"]) == (60.0, {"why": "test"})
    renewed = cli.json("renew", "job", "--period", "120", "--secret-file", str(file))
    assert (renewed["token"], renewed["period"]) == (got["token"], 120.0)
    assert renewed["index"] > got["index"]
    assert other.acquire_lease("job") is None
    assert cli.json("release", "job", "--secret-file", str(file)) == {"name": "job", "released": True}
    assert other.get_lease("job") is None


def test_renew_without_period_keeps_the_period(cli: Cli, file: Path) -> None:
    """`renew` alone asks for as long as before."""
    cli.json("acquire", "job", "--period", "44", "--secret-file", str(file))
    assert cli.json("renew", "job", "--secret-file", str(file))["period"] == 44.0


def test_people_read_one_line(cli: Cli, file: Path) -> None:
    """What was done, the token, and how long it lasts."""
    said = cli("acquire", "job", "--secret-file", str(file)).stdout
    assert said.startswith("acquired job: token ")
    assert said.endswith(" left\n")
    assert cli("renew", "job", "--secret-file", str(file)).stdout.startswith("renewed job: token ")
    assert cli("release", "job", "--secret-file", str(file)).stdout == "released job\n"


def test_the_secret_file_is_private_and_holds_the_secret(cli: Cli, other: Manager, file: Path) -> None:
    """Mode 0600, one line, and the library takes the lease up with it."""
    cli.json("acquire", "job", "--secret-file", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert other.resume("job", file.read_text().strip()).held
    assert [path.name for path in file.parent.glob("job.secret*")] == ["job.secret"]


def test_the_secret_is_in_no_output(cli: Cli, file: Path) -> None:
    """Neither for people nor for programs, whichever command."""
    outputs = [
        cli("acquire", "job", "--secret-file", str(file), *extra).output for extra in ((), ("--json",))
    ]
    secret = file.read_text().strip()
    for command in (("get", "job"), ("ls",), ("renew", "job", "--secret-file", str(file))):
        outputs += [cli(*command, *extra).output for extra in ((), ("--json",))]
    assert not [output for output in outputs if secret in output]


def test_the_environment_gives_the_secret(cli: Cli) -> None:
    """Acquired, renewed and released under COORDINATION_SECRET, and not under another one."""
    mine = {"COORDINATION_SECRET": "correct horse"}
    assert cli("acquire", "job", **mine).exit_code == 0
    assert cli("renew", "job", **mine).exit_code == 0
    assert cli("renew", "job", COORDINATION_SECRET="battery staple").exit_code == 121
    assert cli("release", "job", **mine).exit_code == 0


def test_the_file_goes_before_the_environment(cli: Cli, file: Path) -> None:
    """With both, the file gets a new secret, and the environment's does not open the lease."""
    cli("acquire", "job", "--secret-file", str(file), COORDINATION_SECRET="env")
    assert "env" not in file.read_text()
    assert cli("renew", "job", COORDINATION_SECRET="env").exit_code == 121
    assert cli("renew", "job", "--secret-file", str(file), COORDINATION_SECRET="env").exit_code == 0


def test_a_lease_that_nobody_can_renew_is_noted(cli: Cli, file: Path) -> None:
    """Without any place for the secret, people and programs are told on stderr, and only then."""
    text = cli("acquire", "job").stderr
    assert text.startswith("nobody can renew or release it")
    assert json.loads(cli("acquire", "job2", "--json").stderr) == {"note": text.strip()}
    assert cli("acquire", "job3", COORDINATION_SECRET="s").stderr == ""
    assert cli("acquire", "job4", "--secret-file", str(file)).stderr == ""


def test_a_stolen_lease_that_nobody_can_renew_is_noted(cli: Cli, other: Manager, file: Path) -> None:
    """The environment's secret does not help a thief, so the note does not propose it."""
    for name, extra in (("a", ()), ("b", ("--json",)), ("c", ("--secret-file", str(file)))):
        lease = other.acquire_lease(name, period=60)
        assert lease is not None
        result = cli("steal", name, "--index", str(lease.index), *extra, COORDINATION_SECRET="s")
        assert result.exit_code == 0
        assert ("nobody can renew" in result.stderr) == (name != "c")
        assert "COORDINATION_SECRET" not in result.stderr
    assert cli("renew", "a", COORDINATION_SECRET="s").exit_code == 121


def test_acquire_of_a_held_name_ends_with_120(cli: Cli, other: Manager, file: Path) -> None:
    """It says who has it, and leaves no secret file behind."""
    other.acquire_lease("job", period=60)
    result = cli("acquire", "job", "--secret-file", str(file))
    assert result.exit_code == 120
    assert "job is held by other" in result.stderr
    assert not file.exists()


def test_acquire_waits_up_to_its_timeout(cli: Cli, other: Manager) -> None:
    """A lease that ends meanwhile is got, under the secret of the environment."""
    other.acquire_lease("job", period=1.0)
    assert cli("acquire", "job", "--timeout", "30", COORDINATION_SECRET="s").exit_code == 0
    assert other.resume("job", "s").held
    assert cli("acquire", "job", "--timeout", "0.2").exit_code == 120


def test_acquire_wait_has_no_bound(cli: Cli, other: Manager) -> None:
    """`--wait` gets it when the holder's period ends."""
    other.acquire_lease("job", period=1.0)
    assert cli("acquire", "job", "--wait").exit_code == 0


def test_steal_needs_the_index_as_seen(cli: Cli, other: Manager, file: Path) -> None:
    """An old index saves the holder; the one seen takes it, with a higher token and a new secret."""
    lease = other.acquire_lease("job", period=60)
    assert lease is not None
    assert cli.error("steal", "job", "--index", str(lease.index - 1))["exit_code"] == 120
    stolen = cli.json(
        "steal", "job", "--index", str(lease.index), "--machine-id", "m9", "--secret-file", str(file)
    )
    assert stolen["machine_id"] == "m9"
    assert stolen["token"] > lease.token
    assert cli("release", "job", "--secret-file", str(file)).exit_code == 0


def test_what_was_stolen_is_lost_to_its_script(cli: Cli, other: Manager, file: Path) -> None:
    """Its old secret ends with 121, on renew and on release, and the thief keeps the lease."""
    got = cli.json("acquire", "job", "--secret-file", str(file))
    thief = other.steal_lease("job", "thief", 0, 60, got["index"])
    assert thief is not None
    for command in ("renew", "release"):
        assert cli.error(command, "job", "--secret-file", str(file))["error"] == "LeaseLost"
    view = other.get_lease("job")
    assert view is not None
    assert view.token == thief.token


def test_a_secret_that_cannot_be_kept_gives_the_lease_back(
    cli: Cli, other: Manager, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the file cannot be written after all, nobody is left holding a lease without a secret."""

    def full(path: Path, secret: str) -> None:
        raise ConfigurationError(f"cannot write the secret to {path}: No space left on device")

    monkeypatch.setattr(secrets, "write", full)
    assert cli.error("acquire", "job", "--secret-file", str(file))["exit_code"] == 2
    assert other.get_lease("job") is None


def test_a_holder_that_is_gone_by_now_is_told_without_a_name(
    cli: Cli, other: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the try and the look the lease may end; the answer is the same."""
    other.acquire_lease("job", period=60)
    monkeypatch.setattr(Manager, "get_lease", lambda self, name: None)
    assert cli.error("acquire", "job")["message"] == "job was held by another"
