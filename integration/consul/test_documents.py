"""The programs of docs/consul.md, run as a reader would, on a Consul that is really there."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.servers.ways import Server
from tests.docs.test_documents import blocks, hurried, run

SHOWN = "consul://127.0.0.1:8500"


@pytest.mark.parametrize("code", blocks("docs/consul.md"))
def test_a_program_of_the_page_runs(code: str, consul: Server, tmp_path: Path) -> None:
    """It runs to its end without a warning once the addresses are ours, and prints a token."""
    assert SHOWN in code, "the program names no Consul"
    ran = run(hurried(code.replace(SHOWN, consul.url)), tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert int(ran.stdout) > 0
