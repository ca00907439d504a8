"""kill -9 of a holder on files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.prove.crash import slowest
from benchmarks.prove.figure import Figure


def figures() -> Iterator[Figure]:
    """Two at a time."""
    with tempfile.TemporaryDirectory() as folder:
        yield slowest(Path(folder).as_uri(), 2.0, 3.0, times=6, at_once=2)
