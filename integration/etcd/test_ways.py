"""How an etcd is found: the order of the ways, pinning one, and what is said if all of them fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from integration.servers import debian, ways
from integration.servers.binaries import NoServer, Program
from integration.servers.debian import CACHE, is_debian
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import VERSIONS, etcd_binary
from integration.servers.kinds import ETCD
from integration.servers.ways import CONTAINER, GIVEN, Variant, serve, variants

_ROOT = CACHE.parent
ENDPOINTS, PIN = "COORDINATION_TEST_ETCD", "COORDINATION_TEST_ETCD_WAY"


@pytest.fixture(autouse=True)
def free_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if nobody had given a server or pinned a way, and there were no Docker."""
    monkeypatch.delenv(ENDPOINTS, raising=False)
    monkeypatch.delenv(PIN, raising=False)
    monkeypatch.setattr(ways, "containers_work", lambda kind: False)


@pytest.mark.skipif(sys.platform != "linux" or not is_debian(), reason="this machine fetches nothing")
def test_what_is_missing_is_fetched_before_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every version once; that one of them cannot be had is no error yet."""
    asked: list[str] = []

    def fetched(program: Program, version: str) -> Path:
        asked.append(version)
        raise NoServer("for this test")

    monkeypatch.setattr(Program, "from_debian", fetched)
    monkeypatch.setenv(PIN, "debian")
    ways.prepare(ETCD)
    assert sorted(asked) == list(VERSIONS)


def test_without_any_way_the_error_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No Debian, no binary: the sentence names all that would help."""
    monkeypatch.setattr(debian, "is_debian", lambda: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoServer) as error:
        ETCD.program.from_debian("3.5", tmp_path / "cache")
    for help_ in (ENDPOINTS, "Docker", "PATH", "3.5", "this is no Debian"):
        assert help_ in str(error.value)
    monkeypatch.setattr(ways, "is_debian", lambda: False)
    assert {variant.version for variant in variants(ETCD)} == set(
        VERSIONS
    )  # tried, so that somebody sees the sentence


def test_a_binary_on_the_path_is_taken_by_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An etcd of another version in front of it, or something else of that name, is passed by."""
    for name, binary in (
        ("other", Path("/bin/echo")),
        ("old", etcd_binary("3.4")),
        ("new", etcd_binary("3.5")),
    ):
        folder = tmp_path / name
        folder.mkdir()
        for program in ("etcd", "etcdctl"):
            source = binary if name == "other" else binary.with_name(program)
            (folder / program).symlink_to(source)
    path = os.pathsep.join(str(tmp_path / name) for name in ("other", "old", "new"))
    monkeypatch.setenv("PATH", f"{path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    assert ETCD.program.on_path() == {"3.4": tmp_path / "old/etcd", "3.5": tmp_path / "new/etcd"}
    monkeypatch.setenv(PIN, "binary")
    assert [variant.name for variant in variants(ETCD)] == ["3.4-one", "3.4-three", "3.5-one", "3.5-three"]
    version = ETCD.program.version_of(etcd_binary("3.5"))
    with serve(ETCD, Variant("3.5-one", "3.5"), tmp_path / "data") as server:
        assert (server.way, server.version, server.members) == ("binary", version, 1)


def test_given_endpoints_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With COORDINATION_TEST_ETCD nothing is started, and nothing else is tried."""
    with EtcdCluster(etcd_binary("3.4"), tmp_path) as cluster:
        monkeypatch.setenv(ENDPOINTS, ",".join(cluster.endpoints))
        assert variants(ETCD) == [GIVEN]
        with serve(ETCD, GIVEN, tmp_path) as server:
            version = ETCD.program.version_of(etcd_binary("3.4"))
            assert (server.way, server.version, server.url) == ("given", version, cluster.url)
        assert cluster.members[0].healthy()


def test_a_container_comes_before_the_binaries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Docker has the image, some etcd means a container; the versions run besides."""
    monkeypatch.setattr(ways, "containers_work", lambda kind: True)
    assert variants(ETCD)[0] == CONTAINER
    monkeypatch.setenv(PIN, "debian")
    assert CONTAINER not in variants(ETCD)
    monkeypatch.setenv(PIN, "container")
    assert variants(ETCD) == [CONTAINER]


@pytest.mark.parametrize(
    ("pin", "wanted", "said"),
    [
        ("given", GIVEN, "COORDINATION_TEST_ETCD is not set"),
        ("binary", Variant("3.4-one", "3.4"), "no etcd 3.4 is on the PATH"),
        ("guess", Variant("3.4-one", "3.4"), "can be given, container, binary, debian"),
    ],
)
def test_a_pinned_way_works_or_fails(
    pin: str, wanted: Variant, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never gives way to the next one."""
    monkeypatch.setenv(PIN, pin)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoServer, match=said), serve(ETCD, wanted, tmp_path):
        pass


@pytest.mark.parametrize("workers", [[], ["-n", "1"]])
def test_a_run_reports_which_way_its_suites_ran(workers: list[str], tmp_path: Path) -> None:
    """A line at the end, and the same as JSON; also where the tests ran in a worker."""
    told = tmp_path / "ways.jsonl"
    with EtcdCluster(etcd_binary("3.4"), tmp_path) as cluster:
        env = {ENDPOINTS: cluster.endpoints[0], "COORDINATION_WAYS_FILE": str(told)}
        test = "integration/etcd/test_servers.py::test_some_etcd_answers_and_says_its_version"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers, test],
            env={**os.environ, **env}, cwd=_ROOT, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
    version = ETCD.program.version_of(etcd_binary("3.4"))
    assert done.returncode == 0, done.stdout
    assert f"etcd: test_servers ran on {version}, 1 member, given: 1 passed" in done.stdout
    ran = json.loads(told.read_text())
    assert (ran["server"], ran["suite"], ran["way"], ran["passed"]) == ("etcd", "test_servers", "given", 1)
