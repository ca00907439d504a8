"""What clusters of any kind share: coming up on free ports, being healthy, having a leader, ending."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

from integration.servers.certificates import Certificates
from integration.servers.member import Member
from integration.servers.ports import Ports

T = TypeVar("T")
M = TypeVar("M", bound=Member)

_TRIES = 3
"""How often to start it, should another program take one of its ports between our look and its start."""

_STARTUP = 30.0
"""Seconds; on an idle machine it takes one to three, mostly for the election."""

_TAIL = 3000
"""Characters of a log that are shown when its server does not come up."""


class NotHealthy(RuntimeError):
    """A server did not come up, or not back; the message ends with its log."""


class Cluster(ABC, Generic[M]):
    """`size` servers of `binary`, healthy once made. Data and logs are in `folder`, and stay there.

    A context manager. With `tls`, clients need the CA in it. A kind of server says what its members
    are and who of them leads.
    """

    kind: ClassVar[str]
    """What it is called, and the scheme of its URL; one with TLS has an "s" behind it."""

    def __init__(self, binary: Path, folder: Path, size: int, tls: Certificates | None) -> None:
        self.binary = binary
        self.tls = tls
        self.members: list[M] = []
        self._ports = Ports()
        for attempt in range(_TRIES):
            place = folder / str(attempt)
            place.mkdir(parents=True, exist_ok=True)
            self.members = self._made([f"m{number}" for number in range(1, size + 1)], place)
            if self._came_up(last=attempt == _TRIES - 1):
                return

    @property
    def endpoints(self) -> list[str]:
        """host:port of all members, also of those that are down."""
        return [member.endpoint for member in self.members]

    @property
    def url(self) -> str:
        """The URL for `connect`, without a prefix: append "/prefix"."""
        return f"{self.kind}{'' if self.tls is None else 's'}://{','.join(self.endpoints)}"

    def leader(self, timeout: float = 20.0) -> M:
        """The member that leads now; waits for an election, for at most `timeout` seconds."""
        return _poll(self._leader, timeout, "no member leads")

    def wait_healthy(self, timeout: float = 30.0) -> None:
        """Until every member that runs and is not paused is healthy; or `NotHealthy`."""
        self._wait([member for member in self.members if member.answering], timeout)

    def close(self) -> None:
        """End all of it, however it is; may be called twice."""
        for member in self.members:
            member.close()
        self._ports.give_back()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @abstractmethod
    def _made(self, names: Sequence[str], folder: Path) -> list[M]:
        """Members of these names, with ports of their own, not started yet."""

    @abstractmethod
    def _leader(self) -> M | None:
        """Who leads at this moment, as far as the members that answer know."""

    def _start(self) -> None:
        """Start all members for the first time."""
        for member in self.members:
            member.start()

    def _came_up(self, *, last: bool) -> bool:
        """Start all, and wait; False if somebody else has a port of ours."""
        try:
            self._start()
            self._wait(self.members, _STARTUP)
        except BaseException:
            taken = any("address already in use" in _tail(member.log) for member in self.members)
            self.close()
            if last or not taken:
                raise
            return False
        return True

    def _wait(self, members: Sequence[M], timeout: float) -> None:
        def look() -> bool | None:
            if not all(member.running for member in members):
                raise NotHealthy(f"a server of {self.kind} has ended{self._logs()}")
            return all(member.healthy() for member in members) or None

        try:
            _poll(look, timeout, f"{self.kind} is not healthy")
        except TimeoutError as error:
            raise NotHealthy(f"{error}{self._logs()}") from error

    def _logs(self) -> str:
        tails = [f"\n--- the end of {member.log}\n{_tail(member.log)}" for member in self.members]
        return "".join(tails)


def _poll(look: Callable[[], T | None], timeout: float, failure: str) -> T:
    give_up = time.monotonic() + timeout
    while True:
        seen = look()
        if seen is not None:
            return seen
        if time.monotonic() >= give_up:
            raise TimeoutError(f"{failure} (waited {timeout} s)")
        time.sleep(0.05)


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-_TAIL:] if log.exists() else "(no log)"
