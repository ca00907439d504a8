"""What becomes of a lock whose holder is killed, stopped or forked; the same for every store.

A test module that subclasses it brings the fixture `url`, of a store that nobody else uses that name in.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest

from coordination import connect
from integration.faults.contenders import PATIENCE, Contender
from integration.faults.measuring import eventually, hiccups
from integration.locks.programs import CHILDREN, NAME

STOPS = int(os.environ.get("COORDINATION_LOCK_STOPS", "2"))
"""How often a holder is stopped; `make prove` asks for more."""


class Program(Contender):
    """One of `programs.py`, running."""

    module = "integration.locks.programs"


class LockProcessesSuite:
    """D1, and two more ways in which a process stops to be who it was. Times in seconds."""

    ttl: ClassVar[float] = 3.0
    """Of the holders: more than a second of standstill costs none of them its lock."""
    expiry: ClassVar[float] = 1.0
    """How many ttls the store may take to end what nobody renews."""
    noticing: ClassVar[float] = 1.0
    """How much later a waiter may notice that, where the store tells nobody of it."""
    slack: ClassVar[float] = 2.0
    """For a busy machine."""
    stops: ClassVar[int] = STOPS

    @pytest.fixture
    def url(self) -> str:
        """Override this one."""
        raise NotImplementedError("a subclass of the suite has to define `url`")

    @property
    def takeover(self) -> float:
        """How long after a holder has gone silent the next one has it."""
        return self.expiry * self.ttl + self.noticing + self.slack

    def test_d1_a_killed_holder_is_followed_within_its_ttl(self, url: str) -> None:
        """D1: kill -9; who waited already has it then, not before the holder's belief would have ended."""
        with (
            Program("hold", url, self.ttl) as holder,
            connect(url) as manager,
            ThreadPoolExecutor(1) as thread,
        ):
            token = holder.next("got")["token"]
            lock = manager.lock(NAME, ttl=5 * self.ttl)
            waiting = thread.submit(lock.acquire, PATIENCE)
            eventually(lambda: len(manager.holders(NAME)) == 2, PATIENCE)
            holder.next("held", after=len(holder.events("held")) + 10)
            assert not waiting.done()
            holder.kill()
            killed, seen = time.time(), holder.events("held")[-1]
            with hiccups() as held_up:
                hold = waiting.result(PATIENCE)
                taken, spared = time.time(), held_up()
            assert (hold.held, hold.token > token) == (True, True)
            assert taken >= seen["until"] - 0.1, "the holder believed in it still"
            assert taken <= killed + self.takeover + spared
            assert hold.release() is True

    @pytest.mark.skipif("sys.platform != 'linux'", reason="that it has stopped is seen in /proc")
    def test_who_was_stopped_does_not_believe_when_it_goes_on(self, url: str) -> None:
        """SIGSTOP of a holder for two ttls at least, until another has it: its first look afterwards says no.

        Times in which a busy machine let the ttl pass before the stop show nothing, and are not counted.
        """
        looks: list[tuple[bool, bool]] = []
        with Program("stop_often", url, self.ttl) as holder, connect(url) as manager:
            lock = manager.lock(NAME, ttl=30 * self.ttl)
            while looks.count((True, False)) < self.stops and len(looks) < 3 * self.stops:
                holder.stopped()
                goes_on = time.monotonic() + 2 * self.ttl
                with hiccups() as held_up:
                    began = time.monotonic()
                    hold = lock.acquire(PATIENCE)
                    assert time.monotonic() - began <= self.takeover + held_up()
                time.sleep(max(0.0, goes_on - time.monotonic()))
                assert hold.held
                holder.resume()
                said = holder.next("looked", after=len(looks))
                assert said["lost"] in {"expired", "revoked"}
                looks.append((said["before"], said["after"]))
                assert hold.release() is True
        assert looks.count((True, False)) == self.stops
        assert set(looks) <= {(True, False), (False, False)}

    @pytest.mark.untraced
    @pytest.mark.skipif("sys.platform == 'win32'", reason="there is no fork on Windows")
    def test_a_child_of_fork_holds_nothing(self, url: str) -> None:
        """Nothing is held, released, closed or hung there; the parent's hold is unhurt."""
        with Program("fork_often", url, 10 * self.ttl) as parent:
            said = parent.next("forked", within=2 * PATIENCE)
            assert said["codes"] == [0] * CHILDREN
            assert (said["held"], said["lost"], said["index"]) == (True, None, True)
            assert parent.next("released")["ours"] is True
            assert parent.ended(PATIENCE) == 0
