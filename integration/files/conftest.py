"""Programs in processes of their own, and the folder they share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The store's folder, private as it has to be."""
    made = tmp_path / "leases"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def run(folder: Path) -> Run:
    """Runs `code` to its end, its first argument the folder's URL, without fsync; what it printed."""

    def program(code: str, *arguments: str, prefix: tuple[str, ...] = ()) -> str:
        command = [*prefix, sys.executable, "-c", code, f"{folder.as_uri()}?durable=false", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    return program
