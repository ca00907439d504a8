"""The pytest plugin as a user's suite loads it: in a pytest of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = 'pytest_plugins = ["coordination.testing.pytest_plugin"]\n'

TWO_MACHINES = """
import pytest

@pytest.fixture(params=["memory", "files"])
def url(request):
    return request.getfixturevalue(f"coordination_{request.param}_url")

def test_two_machines(coordination_connect, url):
    one = coordination_connect(url, machine_id="one")
    two = coordination_connect(url, machine_id="two")
    assert one.acquire_lease("unit", period=60) is not None
    assert two.acquire_lease("unit", period=60) is None
    assert two.get_lease("unit").machine_id == "one"
"""

ONE_AFTER_THE_OTHER = """
import pytest

KEPT = []

@pytest.fixture(params=["memory", "files"])
def manager(request):
    return request.getfixturevalue(f"coordination_{request.param}")

@pytest.mark.parametrize("again", [False, True])
def test_each_test_finds_an_empty_store(manager, again):
    lease = manager.acquire_lease("unit", period=60)
    assert lease is not None and manager.list_leases() != []
    KEPT.append(lease.keep_alive())

def test_every_manager_was_closed():
    assert [lease.lost or lease.held for lease in KEPT] == [False] * 4
    assert len(KEPT) == 4
"""

SAME_STORE = """
def test_the_url_is_of_the_managers_own_store(
    coordination_memory, coordination_memory_url, coordination_files_url, coordination_connect
):
    assert coordination_memory.acquire_lease("unit", period=60) is not None
    assert coordination_connect(coordination_memory_url).get_lease("unit") is not None
    assert coordination_connect(coordination_files_url).get_lease("unit") is None
"""

LOADED = """
import sys

def test_nothing_heavy_is_loaded():
    clients = ("grpc", "google.protobuf", "urllib3", "testcontainers", "docker")
    heavy = (*clients, "coordination.stores", "structlog")
    assert "coordination.testing.pytest_plugin" in sys.modules
    assert not [name for name in sys.modules if name.startswith(heavy)]
"""

ON_A_SERVER = """
import pytest

@pytest.fixture(params=["etcd", "consul"])
def manager(request):
    '''On either.'''
    return request.getfixturevalue(f"coordination_{request.param}")

def test_on_a_server(manager):
    assert manager.acquire_lease("unit", period=60) is not None
"""


def run(folder: Path, code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `code` as a suite in a folder of its own, with the plugin loaded."""
    return run_files(folder, {"conftest.py": CONFTEST, "test_it.py": code}, *arguments, **variables)


def run_files(
    folder: Path, files: dict[str, str], *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run these files as a suite of their own."""
    for name, code in files.items():
        (folder / name).write_text(code, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )


def test_two_machines_share_a_store(tmp_path: Path) -> None:
    """Managers of one URL see each other's leases, on memory and on files."""
    ran = run(tmp_path, TWO_MACHINES, "-q")
    assert "2 passed" in ran.stdout, ran.stdout


def test_each_test_has_a_store_and_managers_of_its_own(tmp_path: Path) -> None:
    """No test sees what another left, and what a test kept alive is released behind it."""
    ran = run(tmp_path, ONE_AFTER_THE_OTHER, "-q")
    assert "5 passed" in ran.stdout, ran.stdout


def test_the_url_and_the_manager_are_of_one_store(tmp_path: Path) -> None:
    """The program under test gets the URL of the store that the test looks into."""
    ran = run(tmp_path, SAME_STORE, "-q")
    assert "1 passed" in ran.stdout, ran.stdout


def test_loading_it_costs_little(tmp_path: Path) -> None:
    """Neither a store nor a client library is imported before a fixture is used."""
    ran = run(tmp_path, LOADED, "-q")
    assert "1 passed" in ran.stdout, ran.stdout


def test_its_fixtures_explain_themselves(tmp_path: Path) -> None:
    """`pytest --fixtures` shows each with a sentence."""
    listed = run(tmp_path, ON_A_SERVER, "--fixtures").stdout
    wanted = {"memory": "", "files": "", "etcd": "_container", "consul": "_container"}
    stores = [f"coordination_{store}{what}" for store, own in wanted.items() for what in ("", "_url", own)]
    for name in [*stores, "coordination_connect"]:
        assert f"\n{name}" in listed
    assert "no docstring available" not in listed


def test_without_docker_a_test_on_a_server_is_an_error(tmp_path: Path) -> None:
    """It is never skipped: the run fails and says what is missing."""
    ran = run(tmp_path, ON_A_SERVER, "-q", DOCKER_HOST="tcp://127.0.0.1:1")
    assert ran.returncode == 1
    assert "2 errors" in ran.stdout
    for server in ("etcd", "consul"):
        assert f"no {server} container because no docker engine answers" in ran.stdout


def test_the_suite_of_the_documents_runs(tmp_path: Path) -> None:
    """The files that docs/testing.md shows are a suite that passes."""
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    assert set(shown) == {"conftest.py", "test_nightly.py"}
    ran = run_files(tmp_path, shown, "-q")
    assert "4 passed" in ran.stdout, ran.stdout
