"""Running the programs of `forking.py` and `fork_programs.py`, and what must come of them on every store."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 110.0


def ran(module: str, *args: str) -> str:
    """What a module under integration/ prints; it ends well, and has nothing to complain of."""
    done = subprocess.run(
        [sys.executable, "-m", f"integration.{module}", *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def unhurt(url: str, forks: int) -> None:
    """Fork so often while calls are under way: no child hangs, and the parent goes on as if nothing were."""
    figures = json.loads(ran("faults.forking", url, str(forks)))
    assert figures["statuses"] == {"0": forks}
    assert figures["kept"]
    assert not [outcome for outcome in figures["load"] if outcome.startswith("UNTYPED")]
    assert figures["load"]["fine"] > 0.95 * sum(figures["load"].values()) > forks
    assert figures["told_of_steal_after"] is not None
    assert figures["told_of_steal_after"] < 2.0  # 100 ms on a quiet machine; make prove measures that
