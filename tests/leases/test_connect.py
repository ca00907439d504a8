"""Which store a target names: never silently another one than the caller of the next process gets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from coordination import ConfigurationError, connect

FORKING = """
import os
from coordination import connect
connect("memory://shared").acquire_lease("name", period=60)
child = os.fork()
lease = connect("memory://shared").acquire_lease("name", period=60)
if child:
    os.waitpid(child, 0)
    print("parent", lease, flush=True)
else:
    print("child", lease is not None and lease.held, connect("memory://shared").get_lease("name") is not None)
"""


@pytest.mark.parametrize("url", ["file:leases", "file:./leases", "file:../leases", "file:%2E/leases"])
def test_no_relative_folder(url: str) -> None:
    """It would be another one in each working directory; the remedy is in the message."""
    with pytest.raises(ConfigurationError, match="file:///path/to/folder"):
        connect(url)


@pytest.mark.parametrize("url", ["file:///tmp/team#1", "file:///tmp/team#", "memory://team#1", "memory://#x"])
def test_no_fragment(url: str) -> None:
    """`team#1` and `team#2` would be one store; the remedy is in the message."""
    with pytest.raises(ConfigurationError, match="%23"):
        connect(url)


def test_a_path_is_a_folder_whatever_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative ones are resolved at once, and characters that mean something in a URL are escaped."""
    monkeypatch.chdir(tmp_path)
    for name in ("team#1", "team#2", "a b%20?x=1"):
        with connect(Path(name)) as manager:  # type: ignore[arg-type]
            assert manager.acquire_lease("name", period=60.0) is not None
        assert (tmp_path / name / "name.json").exists()


def test_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A uid without an entry, and no HOME: what can be done about it is said."""

    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for variable in ("COORDINATION_URL", "XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(Path, "home", home)
    with pytest.raises(ConfigurationError, match="set COORDINATION_URL"):
        connect()


@pytest.mark.parametrize("folder", ["state", "./state", ""])
def test_a_relative_state_folder_is_ignored(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    """So says the XDG base directory specification."""
    for variable in ("COORDINATION_URL", "XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    default = repr(connect())
    monkeypatch.setenv("XDG_STATE_HOME", folder)
    monkeypatch.setenv("LOCALAPPDATA", folder)
    assert repr(connect()) == default


def test_the_state_folder_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An absolute one is used, where the system has such a variable."""
    monkeypatch.delenv("COORDINATION_URL", raising=False)
    monkeypatch.setenv("LOCALAPPDATA" if os.name == "nt" else "XDG_STATE_HOME", str(tmp_path))
    expected = "Library" if sys.platform == "darwin" else tmp_path.name
    assert expected in repr(connect())


@pytest.mark.parametrize("logger", [5, "text", object(), print], ids=["int", "str", "object", "function"])
def test_no_logger(logger: object) -> None:
    """What cannot take events is refused, not ignored at the first loss."""
    with pytest.raises(ConfigurationError, match="logger"):
        connect("memory://", logger=logger)


@pytest.mark.skipif(sys.platform == "win32", reason="fork is not available on Windows")
def test_a_child_of_fork_has_memory_of_its_own() -> None:
    """It gets a fresh store, not a copy of the parent's with what was held there."""
    ran = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, check=True)
    assert sorted(ran.stdout.splitlines()) == ["child True True", "parent None"]
