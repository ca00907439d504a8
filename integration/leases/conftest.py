"""A file store in an empty folder, as two processes of one machine share it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination import Manager, connect


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the records are."""
    return tmp_path / "leases"


@pytest.fixture
def url(folder: Path) -> str:
    """What the programs connect to."""
    return f"{folder.as_uri()}?durable=false"


@pytest.fixture
def here(url: str) -> Iterator[Manager]:
    """The manager of the test's own process."""
    with connect(url, machine_id="here") as manager:
        yield manager
