"""Secret files: private, never written over something else, and readable only if they hold a secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coordination.cli import secrets
from coordination.errors import ConfigurationError

SECRET = "ab" * 32


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def put(file: Path, content: bytes, mode: int = 0o600) -> None:
    file.write_bytes(content)
    file.chmod(mode)


def test_what_is_written_is_read(file: Path) -> None:
    """The round trip keeps the secret, and the line end is not part of it."""
    secrets.write(file, SECRET)
    assert file.read_text() == f"{SECRET}\n"
    assert secrets.given(str(file)) == SECRET


@pytest.mark.parametrize("content", [b"", f"{'0' * 64}\n".encode()], ids=["empty", "an older secret"])
def test_a_file_of_ours_is_replaced(file: Path, content: bytes) -> None:
    """What `mktemp` or an earlier run left is no obstacle."""
    put(file, content)
    secrets.demand_writable(file)
    secrets.write(file, SECRET)
    assert secrets.given(str(file)) == SECRET


@pytest.mark.parametrize("content", [b"precious\n", b"0" * 63 + b"\n", b"0" * 64 + b"\nmore\n"])
def test_another_content_is_never_overwritten(file: Path, content: bytes) -> None:
    """A mistyped path costs nothing, also if it comes about between the check and the write."""
    put(file, content)
    with pytest.raises(ConfigurationError, match="not a secret file of yours"):
        secrets.demand_writable(file)
    with pytest.raises(ConfigurationError, match="not a secret file of yours"):
        secrets.write(file, SECRET)
    assert file.read_bytes() == content
    assert os.listdir(file.parent) == ["file"]


@pytest.mark.skipif("os.name != 'posix'")
def test_a_file_that_others_can_read_is_refused(file: Path) -> None:
    """A secret must not land where it would be readable."""
    put(file, b"", 0o644)
    with pytest.raises(ConfigurationError):
        secrets.demand_writable(file)


def test_a_link_or_folder_is_refused(tmp_path: Path, file: Path) -> None:
    """Only a regular file can be ours, not one that a link leads to."""
    put(tmp_path / "target", b"")
    file.symlink_to(tmp_path / "target")
    for path in (file, tmp_path):
        with pytest.raises(ConfigurationError):
            secrets.demand_writable(path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """The message names the folder, before anything is acquired."""
    with pytest.raises(ConfigurationError, match="nowhere"):
        secrets.demand_writable(tmp_path / "nowhere" / "file")
    with pytest.raises(ConfigurationError, match="cannot write"):
        secrets.write(tmp_path / "nowhere" / "file", SECRET)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 5000])
def test_a_file_without_a_secret_is_an_error(file: Path, content: bytes) -> None:
    """Empty, binary and oversized files hold none."""
    put(file, content)
    with pytest.raises(ConfigurationError, match="holds no secret"):
        secrets.given(str(file))


def test_a_missing_file_is_an_error(file: Path) -> None:
    """The message names the file."""
    with pytest.raises(ConfigurationError, match=str(file)):
        secrets.given(str(file))


def test_no_secret_at_all_names_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable counts as none."""
    monkeypatch.setenv("COORDINATION_SECRET", "")
    with pytest.raises(ConfigurationError, match=r"--secret-file.*COORDINATION_SECRET"):
        secrets.given(None)


def test_a_file_that_cannot_be_read_is_not_ours(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may be in it is unknown, so it stays."""

    def refuse(self: Path) -> bytes:
        raise PermissionError

    put(file, b"")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigurationError, match="not a secret file of yours"):
        secrets.demand_writable(file)
