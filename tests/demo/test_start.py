"""What the demo costs those who do not play it: nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import sys; sys.modules['coordination.demo'] = None; from coordination.cli import main; main()"


def test_other_commands_start_without_it() -> None:
    """Where it could not even be imported they work, and it is still among the commands."""
    asked = [sys.executable, "-c", PROGRAM, "--help"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert "demo " in told.stdout
