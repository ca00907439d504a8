"""What `make` says on a machine that lacks something: one line with the remedy, and nothing half made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a fresh clone as making its environment needs."""
    for name in ("Makefile", "pyproject.toml", "README.md", ".ci/venv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "coordination").mkdir()
    (tmp_path / "coordination/__init__.py").touch()
    return tmp_path


def make(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make there, with nothing of the caller's environment but the way to the system's tools."""
    bare = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(checkout), **environment}
    return subprocess.run(
        ["make", *arguments], cwd=checkout, env=bare, capture_output=True, text=True, timeout=100, check=False
    )


def python(folder: Path, name: str, script: str) -> str:
    """An interpreter that behaves like `script` does; $REAL is one that works."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nREAL={sys.executable}\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def only_line(ran: subprocess.CompletedProcess[str]) -> str:
    """The one line that our side said; make adds its own `make: *** ...`."""
    said = [line for line in ran.stderr.splitlines() if not line.startswith("make:")]
    assert ran.returncode != 0
    assert len(said) == 1, ran.stderr
    return said[0]


def test_help_lists_the_targets(checkout: Path) -> None:
    """`make` alone makes nothing; it says what there is."""
    ran = make(checkout)
    assert ran.returncode == 0
    assert all(f"make {target}" in ran.stdout for target in ("test", "check", "demo", "prove", "clean"))
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("target", ["demo", "test", "check"])
def test_a_python_that_is_too_old(checkout: Path, tmp_path: Path, target: str) -> None:
    """An interpreter below 3.11 is named, with what to install instead."""
    old = python(tmp_path, "old", "exit 1")
    said = only_line(make(checkout, target, PYTHON=old))
    assert "Python 3.11 or newer" in said
    assert old in said
    assert "apt-get install python3" in said


def test_a_python_without_the_venv_package(checkout: Path, tmp_path: Path) -> None:
    """Debian's python3 without python3-venv has no ensurepip: the line names the package."""
    lacks = 'case "$*" in *ensurepip*|"-m venv"*) echo a long story; exit 1;; esac; exec $REAL "$@"'
    lacking = python(tmp_path, "lacking", lacks)
    said = only_line(make(checkout, "demo", PYTHON=lacking))
    assert f"python{sys.version_info.major}.{sys.version_info.minor}-venv" in said
    assert not (checkout / ".venv").exists()


def test_a_venv_that_fails_half_way_leaves_nothing(checkout: Path, tmp_path: Path) -> None:
    """ensurepip may be there and still fail; what it had made by then is removed."""
    fails = 'case "$*" in "-m venv"*) mkdir -p .venv/bin; exit 1;; esac; exec $REAL "$@"'
    failing = python(tmp_path, "failing", fails)
    assert "-venv" in only_line(make(checkout, "demo", PYTHON=failing))
    assert not (checkout / ".venv").exists()


def test_a_shim_that_leads_nowhere_is_passed_over(checkout: Path, tmp_path: Path) -> None:
    """A version manager's name for an interpreter that is not installed is not an interpreter."""
    shims = tmp_path / "shims"
    shims.mkdir()
    for version in ("3.14", "3.13", "3.12"):
        python(shims, f"python{version}", "echo not installed >&2; exit 127")
    (shims / "python3.11").symlink_to(python(shims, "real", 'exec $REAL "$@"'))
    probe = subprocess.run(
        [checkout / ".ci/venv", "--probe"],
        env={"PATH": f"{shims}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (probe.returncode, probe.stderr) == (0, "")


def test_an_install_that_fails_does_not_pass_for_a_finished_one(checkout: Path, tmp_path: Path) -> None:
    """When pip cannot install, the next make starts installing again."""
    stub = 'mkdir -p .venv/bin; cp "$0" .venv/bin/python'
    offline = python(
        tmp_path,
        "offline",
        f'case "$*" in "-m venv"*) {stub}; exit 0;; "-m pip"*) exit 1;; esac; exec $REAL "$@"',
    )
    for _ in range(2):
        ran = make(checkout, "demo", PYTHON=offline)
        assert "pip could not install" in ran.stderr
        assert ran.returncode != 0
    assert not list((checkout / ".venv").glob(".installed-*"))


def test_the_environment_is_made_once(checkout: Path) -> None:
    """With .venv there, `make check` installs nothing, and so needs no network."""
    stamp = checkout / ".venv/.installed-dev"
    stamp.parent.mkdir()
    stamp.touch()
    assert ".ci/venv" not in make(checkout, "--dry-run", "check").stdout
    newer = stamp.stat().st_mtime + 60
    os.utime(checkout / "pyproject.toml", (newer, newer))
    assert ".ci/venv" in make(checkout, "--dry-run", "check").stdout
