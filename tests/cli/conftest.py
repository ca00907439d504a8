"""The command in this process, on a file store of its own; and the store as another machine sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from coordination import Manager, connect
from coordination.cli.app import coordination


@dataclass(frozen=True, slots=True)
class Cli:
    """Runs the command line, with COORDINATION_URL set to the test's store."""

    url: str

    def __call__(self, *words: str, **environment: str | None) -> Result:
        """One command, whatever its end."""
        env = {"COORDINATION_URL": self.url, "COORDINATION_SECRET": None, **environment}
        return CliRunner().invoke(coordination, words, env=env, prog_name="coordination")

    def json(self, *words: str) -> Any:
        """What one command that ends well prints with --json."""
        result = self(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def error(self, *words: str, **environment: str | None) -> dict[str, Any]:
        """What one command that fails prints on standard error with --json."""
        result = self(*words, "--json", **environment)
        assert result.stdout == ""
        error: dict[str, Any] = json.loads(result.stderr)
        assert error["exit_code"] == result.exit_code != 0
        return error


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"{(tmp_path / 'leases').as_uri()}?durable=false"


@pytest.fixture
def cli(url: str) -> Cli:
    return Cli(url)


@pytest.fixture
def other(url: str) -> Iterator[Manager]:
    """Another machine on the same store."""
    with connect(url, machine_id="other") as manager:
        yield manager
