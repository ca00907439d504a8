"""A fresh clone in an empty environment: the demo, and the checks, also without a network.

`make test` from a fresh clone is what CI does; it is not repeated here for its length.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.prove.children import ROOT
from benchmarks.prove.figure import Figure

KEPT = ("PIP_CERT", "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "SSL_CERT_FILE")
"""How this machine reaches its package index; everything else of the environment is left out."""


def fresh_clone(target: Path) -> None:
    """Every file that git would give a fresh clone of the work tree as it is now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def make(clone: Path, *arguments: str, prefix: tuple[str, ...] = ()) -> tuple[float, int, list[str]]:
    """Seconds, exit code, and the last lines of one `make` in an otherwise empty environment."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(clone)}
    started = time.monotonic()
    ran = subprocess.run(
        [*prefix, "make", *arguments],
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return time.monotonic() - started, ran.returncode, (ran.stdout + ran.stderr).splitlines()[-6:]


def figures() -> Iterator[Figure]:
    """`make demo`, then `make check` twice: the first installs, the second must need no network."""
    with tempfile.TemporaryDirectory() as made:
        clone = Path(made) / "coordination"
        fresh_clone(clone)
        yield _figure(
            "make demo from a fresh clone, installation included", 180, make(clone, "demo", "ARGS=--plain")
        )
        yield _figure("make demo again: under a minute", 60, make(clone, "demo", "ARGS=--plain"))
        yield _figure("make check from a fresh clone, installation included", 180, make(clone, "check"))
        alone = sys.platform == "linux" and os.geteuid() == 0
        prefix = ("unshare", "--net") if alone else ()
        yield _figure("make check again, without a network", 60, make(clone, "check", prefix=prefix))


def _figure(name: str, limit: float, ran: tuple[float, int, list[str]]) -> Figure:
    seconds, code, last = ran
    passed = code == 0 and seconds <= limit
    parts = {"exit code": code, "last line": last[-1] if passed and last else last}
    return Figure(
        name, f"exit code 0 within {limit:g} s", f"exit code {code} after {seconds:.0f} s", passed, parts
    )
