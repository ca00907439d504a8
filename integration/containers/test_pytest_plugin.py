"""The pytest plugin's fixtures on real servers, in a pytest of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = 'pytest_plugins = ["coordination.testing.pytest_plugin"]\n'

SUITE = """
import pytest

SEEN = []

@pytest.mark.parametrize("again", [False, True])
def test_each_test_finds_an_empty_store_on_one_server(coordination_KIND, coordination_KIND_container, again):
    lease = coordination_KIND.acquire_lease("unit", period=60)
    assert lease is not None and len(coordination_KIND.list_leases()) == 1
    SEEN.append((coordination_KIND_container.get_container_id(), lease.keep_alive()))

def test_every_manager_was_closed():
    assert len(SEEN) == 2 and len({container for container, _ in SEEN}) == 1
    assert [lease.held for _, lease in SEEN] == [False, False]

def test_two_machines(coordination_connect, coordination_KIND_url, coordination_KIND):
    one = coordination_connect(coordination_KIND_url, machine_id="one")
    assert one.acquire_lease("unit", period=60) is not None
    assert coordination_KIND.acquire_lease("unit", period=60) is None
    assert coordination_KIND.get_lease("unit").machine_id == "one"
"""


@pytest.mark.parametrize("kind", ["etcd", "consul"])
def test_the_fixtures_of_a_server(kind: str, tmp_path: Path) -> None:
    """One container for the run, an empty store for each test, several machines on one of them."""
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (tmp_path / "test_it.py").write_text(SUITE.replace("KIND", kind), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "4 passed" in ran.stdout, ran.stdout + ran.stderr
