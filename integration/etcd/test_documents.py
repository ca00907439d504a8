"""The programs of docs/etcd.md, run as a reader would, on a cluster that is really there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from integration.servers.ways import Server
from tests.docs.test_documents import blocks, hurried, run

SHOWN = re.compile(r"etcd://10\.[0-9.:,]+")


@pytest.mark.parametrize("code", blocks("docs/etcd.md"))
def test_a_program_of_the_page_runs(code: str, etcd: Server, tmp_path: Path) -> None:
    """It runs to its end without a warning once the addresses are ours, and prints a token."""
    assert SHOWN.search(code), "the program names no cluster"
    ran = run(hurried(SHOWN.sub(etcd.url, code)), tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert int(ran.stdout) > 0
