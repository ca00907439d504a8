"""What every test here needs: a folder for the command, and a store that the test looks into itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
import pytest

from coordination import Lease, Manager, connect
from integration.run.processes import eventually


@dataclass(frozen=True, slots=True)
class Leases:
    """A file store, seen by another machine."""

    folder: Path
    url: str
    other: Manager

    def holder(self, name: str = "job") -> Lease:
        """The live lease; fails if nobody holds it."""
        lease = self.other.get_lease(name)
        assert lease is not None
        return lease

    def is_free_at_once(self, name: str = "job") -> bool:
        """Whether a single try gets it, which is then given back."""
        lease = self.other.acquire_lease(name, period=15.0)
        return lease is not None and lease.release()

    @contextmanager
    def silenced(self, name: str = "job") -> Iterator[None]:
        """The store answers nobody about a name: somebody else is writing, for as long as the block."""
        with filelock.FileLock(self.folder / ".coordination" / f"{name}.lock", timeout=5, mode=0o600):
            yield

    def steal(self, name: str = "job") -> Lease:
        """Take it from its holder, however often that moves the index."""
        stolen: list[Lease] = []

        def step() -> bool:
            lease = self.other.steal_lease(name, "thief", 0, 60.0, self.holder(name).index)
            stolen.extend([] if lease is None else [lease])
            return bool(stolen)

        eventually(step, "the lease is stolen")
        return stolen[0]


@pytest.fixture(autouse=True)
def no_signal_is_ignored() -> Iterator[None]:
    """As it is under nohup or in a script's background: children would inherit that, but not a handler."""
    ignored = [signum for signum in signal.valid_signals() if signal.getsignal(signum) is signal.SIG_IGN]
    theirs = [signum for signum in ignored if signum not in (signal.SIGPIPE, signal.SIGXFSZ)]
    for signum in theirs:
        signal.signal(signum, lambda *_: None)
    yield
    for signum in theirs:
        signal.signal(signum, signal.SIG_IGN)


@pytest.fixture
def leases(tmp_path: Path) -> Iterator[Leases]:
    """An empty file store."""
    folder = tmp_path / "leases"
    folder.mkdir()
    url = f"{folder.as_uri()}?durable=false"
    with connect(url, machine_id="other") as other:
        yield Leases(folder, url, other)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Where the command writes."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder
