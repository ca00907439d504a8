"""One folder per test, and managers on it as other processes would have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coordination import Manager, connect
from coordination.clock import Clock
from tests.files.planting import PRECIOUS

Open = Callable[..., Manager]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The store's folder, private as it has to be."""
    made = tmp_path / "leases"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def lock(folder: Path) -> Path:
    """Where the lock of the lease x lies, as liblease has it."""
    return folder / "x.json.acquire.lock"


@pytest.fixture
def opened(folder: Path) -> Iterator[Open]:
    """Opens one more manager on the folder; without fsync, and patient for two seconds at most."""
    managers: list[Manager] = []

    def another(clock: Clock | None = None, timeout: float = 2.0, machine_id: str | None = None) -> Manager:
        url = f"{folder.as_uri()}?durable=false"
        managers.append(connect(url, clock=clock, timeout=timeout, machine_id=machine_id))
        return managers[-1]

    yield another
    for manager in managers:
        manager.close()


@pytest.fixture
def manager(opened: Open) -> Manager:
    """The one that most tests need."""
    return opened()


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file in a folder of its own that must come to no harm."""
    made = tmp_path / "victim" / "file"
    made.parent.mkdir()
    made.write_bytes(PRECIOUS)
    return made
