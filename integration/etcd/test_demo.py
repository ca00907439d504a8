"""The demo on etcd: the same scheduler, machines and verdict as on files."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.demo.processes import plays_on
from integration.servers.ways import Server

pytestmark = [pytest.mark.untraced, pytest.mark.timeout(240)]


def test_the_demo_passes(tmp_path: Path, etcd: Server) -> None:
    """Every unit owned again after the kill, version 2 leads without waiting, nothing is left."""
    told = plays_on(etcd.url, tmp_path)
    assert (told["units"], told["owned_at_start"], told["orphaned"], told["refused"]) == (13, 12, 4, 4)
    assert told["slowest_takeover"] <= told["bound"] == 13.0
    assert told["version_gap"] < 4.0
