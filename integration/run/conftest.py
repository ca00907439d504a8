"""What every test here needs: a folder for the command, and a store that the test looks into itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
import pytest

from coordination import Lease, Manager, connect
from integration.run.processes import LOCK, Supervised, eventually, supervised


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

    def is_renewed(self, name: str = "job") -> None:
        """Wait until its holder does."""
        seen = self.holder(name).index
        eventually(lambda: self.holder(name).index > seen, "it is renewed")

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


@dataclass(frozen=True, slots=True)
class Locks:
    """Locks on a file store, seen by another machine."""

    folder: Path
    url: str
    other: Manager

    def holders(self, name: str = "job") -> list[str]:
        """The machines of the holder and of those who wait, in their order."""
        return [contender.machine_id for contender in self.other.holders(name)]

    def token(self, name: str = "job") -> int:
        """The holder's; fails if there is none."""
        return self.other.holders(name)[0].token

    def is_free_at_once(self, name: str = "job") -> bool:
        """Whether a single try gets it, which is then given back."""
        hold = self.other.lock(name).try_acquire()
        return hold is not None and hold.release()

    @contextmanager
    def silenced(self) -> Iterator[None]:
        """The store renews no session, for as long as the block: somebody else is writing them all."""
        sessions = self.folder / ".coordination" / "@sessions"
        with ExitStack() as locked:
            for stripe in "0123456789abcdef":
                locked.enter_context(filelock.FileLock(sessions / f"{stripe}.lock", timeout=5, mode=0o600))
            yield


@contextmanager
def locked(locks: Locks, desk: Path, *arguments: str) -> Iterator[Supervised]:
    """`coordination lock job ARGUMENTS` on the store, under the machine's name `ours`."""
    ours = ("job", "--store", locks.url, "--machine-id", "ours")
    with supervised(desk, *ours, *arguments, program=LOCK) as run:
        yield run


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
def locks(leases: Leases) -> Locks:
    """The same store, for locks."""
    return Locks(leases.folder, leases.url, leases.other)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Where the command writes."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder
