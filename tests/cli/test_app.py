"""The command as a whole: options in both places, exit codes, errors for people and programs, help."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from coordination import Manager
from coordination import errors as library
from coordination.cli import errors
from coordination.cli.app import coordination
from coordination.stores.file.store import FileStore
from tests.cli.conftest import Cli


def test_shared_options_go_before_and_after(cli: Cli, tmp_path: Path) -> None:
    """`--store`, `--namespace` and `--json` mean the same in both places."""
    store = ("--store", (tmp_path / "elsewhere").as_uri())
    space = ("--namespace", "n")
    assert cli(*store, *space, "acquire", "job").exit_code == 0
    after = cli("get", "job", *store, *space, "--json")
    before = cli(*store, *space, "--json", "get", "job")
    assert json.loads(after.stdout)["token"] == json.loads(before.stdout)["token"]


def test_the_later_option_wins(cli: Cli, tmp_path: Path) -> None:
    """What stands with the subcommand goes before what stands in front of it."""
    store = (tmp_path / "elsewhere").as_uri()
    cli("acquire", "job", "--store", store)
    assert cli("--store", "memory://", "get", "job", "--store", store).exit_code == 0


def test_namespaces_are_apart(cli: Cli) -> None:
    """The same name in two namespaces is two leases."""
    assert cli("acquire", "job", "--namespace", "a").exit_code == 0
    assert cli("get", "job", "--namespace", "b").exit_code == 1
    assert cli("acquire", "job").exit_code == 0


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (library.ConfigurationError("x"), 2),
        (library.AcquireTimeout("x"), 120),
        (library.DuplicateMember("x"), 120),
        (library.LeaseLost("x"), 121),
        (library.StoreUnavailable("x"), 122),
        (library.OutcomeUnknown("x"), 122),
        (library.StoreRefused("x"), 122),
        (library.PermissionDenied("x"), 122),
        (library.LeaseCorrupt("x"), 122),
        (library.CoordinationError("x"), 1),
    ],
)
def test_every_error_has_its_exit_code(error: library.CoordinationError, code: int) -> None:
    """The table that scripts rely on, and the same code in the JSON."""
    assert errors.exit_code(error) == code
    assert json.loads(errors.as_json(error))["exit_code"] == code
    assert errors.as_text(error).startswith("coordination: x")


@pytest.mark.parametrize(
    ("command", "look"),
    [
        ("acquire", "get"),
        ("run", "get"),
        ("lock", "holders"),
        ("break", "holders"),
        ("elect", "elect --show"),
    ],
)
def test_who_came_too_late_is_told_where_to_look(command: str, look: str) -> None:
    """Leases, locks and leaders are looked at by commands of their own."""
    told = f"`coordination {look}` shows who has it now"
    assert told in errors.as_text(library.AcquireTimeout("x"), command)
    assert json.loads(errors.as_json(library.AcquireTimeout("x"), command))["remedy"] == told


def test_the_command_that_failed_is_known(cli: Cli, other: Manager) -> None:
    """So that its remedy fits."""
    with other.lock("job"):
        assert "`coordination holders`" in cli("break", "job", "--token", "1").stderr
    other.acquire_lease("job", period=60)
    assert "`coordination get`" in cli("acquire", "job").stderr


def test_a_store_that_fails_ends_with_122(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what is wrong and what to check."""

    def fail(self: FileStore, key: str, *, timeout: float) -> None:
        raise library.StoreUnavailable("no answer")

    monkeypatch.setattr(FileStore, "read", fail)
    result = cli("get", "job")
    assert result.exit_code == 122
    assert re.search(r"no answer.*COORDINATION_URL", result.stderr)


def test_an_interrupt_ends_with_130(cli: Cli, monkeypatch: pytest.MonkeyPatch, other: Manager) -> None:
    """^C while waiting is the end a shell expects, without a traceback."""

    def interrupt(self: Manager, name: str, timeout: object = None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Manager, "watch", interrupt)
    other.acquire_lease("job", period=60)
    result = cli("acquire", "job", "--wait")
    assert result.exit_code == 130
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", sorted(coordination.commands))
def test_every_command_explains_itself(cli: Cli, name: str) -> None:
    """--help ends with 0, tells what it does, and takes --json."""
    result = cli(name, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout
    assert f"Example: coordination {name}" in result.stdout
    assert coordination.commands[name].get_short_help_str()


def test_no_option_takes_a_secret(cli: Cli) -> None:
    """Every user of a machine can read the arguments of its processes."""
    options = [param for command in coordination.commands.values() for param in command.params]
    secret = [option for option in options if "secret" in (option.name or "")]
    assert {option.name for option in secret} == {"secret_file"}
    assert all(isinstance(option.type, click.Path) for option in secret)


def test_the_version(cli: Cli) -> None:
    """It is the package's."""
    assert re.fullmatch(r"coordination, version \d+\.\d+\.\d+\n", cli("--version").stdout)


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_one_line_says_what_to_install(missing: str) -> None:
    """Where click or rich is missing the command ends with 2 and names the remedy."""
    program = f"import sys; sys.modules['{missing}'] = None; from coordination.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", program, "ls"], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert len(ran.stderr.splitlines()) == 1
    assert "pip install 'coordination[cli]'" in ran.stderr
