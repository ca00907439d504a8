"""Programs out of Debian's packages: fetched whole or not at all, without root, by many at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from integration.servers import debian
from integration.servers.debian import CACHE, NoPackages, is_debian, unpacked
from integration.servers.etcd_binaries import ETCD

pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or not is_debian(),
        reason="fetches packages of Debian, which this machine is not",
    ),
    pytest.mark.timeout(600),  # on a slow line; apt itself gets five minutes for a command
]


def test_two_processes_fetch_from_debian_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine whose own indices were never updated, both get a whole etcd, and nothing else is left."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "apt.conf").write_text(f'Dir::State::Lists "{tmp_path / "lists"}";\n')
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
    cache = tmp_path / "cache"
    program = (
        "import sys\nfrom pathlib import Path\nfrom integration.servers.etcd_binaries import *\n"
        "binary = ETCD.from_debian('3.4', Path(sys.argv[1]))\n"
        "print(ETCD.version_of(binary), binary.with_name('etcdctl').exists())\n"
    )
    command = [sys.executable, "-c", program, str(cache)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CACHE.parent) for _ in range(2)]
    said = [process.communicate(timeout=500)[0].split() for process in both]
    assert [(version[:4], beside) for version, beside in said] == [("3.4.", "True")] * 2
    assert [path.name for path in cache.iterdir() if path.is_dir()] == ["etcd-server-etcd-client-bookworm"]


def test_an_interrupted_fetch_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stopped in the middle never passes for a whole folder."""
    monkeypatch.setattr(debian, "_run", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        unpacked("trixie", ["etcd-server"], tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
    monkeypatch.undo()
    assert ETCD.version_of(unpacked("trixie", ["etcd-server"], tmp_path) / "usr/bin/etcd").startswith("3.5.")


def _interrupted(command: list[str], folder: Path) -> str:
    if command[0] == "dpkg":
        Path(command[-1], "usr/bin").mkdir(parents=True)  # the half that was unpacked
        raise KeyboardInterrupt
    if "download" in command:
        (folder / "etcd-server.deb").touch()
    return "bookworm main file:/nowhere"


def test_a_suite_that_is_not_there_is_said_to_fail(tmp_path: Path) -> None:
    """apt's own words come with the error, and nothing is left over."""
    with pytest.raises(NoPackages, match="apt-get failed"):
        unpacked("no-such-suite", ["etcd-server"], tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
