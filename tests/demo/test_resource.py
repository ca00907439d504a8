"""The fenced resource and its writers, over a socket: what it takes, what it refuses, what it notes."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from coordination.demo.log import Entry
from coordination.demo.resource import Resource
from coordination.demo.scheduler.writer import START, STOP, WORK, Writer
from coordination.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(now=10.0)


@pytest.fixture
def resource(clock: FakeClock) -> Iterator[Resource]:
    with Resource(clock) as serving:
        yield serving


def writer(resource: Resource, token: int, machine: str = "m1", name: str = "unit-01") -> Writer:
    return Writer(resource.address, name, token, machine, version=1)


def test_writes_are_logged_in_order(resource: Resource, clock: FakeClock) -> None:
    """With the time of the resource, and the writer's pid."""
    with writer(resource, 7) as mine:
        assert mine.write(START, until=11.0)
        clock.advance(0.5)
        assert mine.write(STOP, until=11.0)
    assert resource.logs()["unit-01"] == [
        Entry(START, 7, "m1", 1, os.getpid(), 10.0),
        Entry(STOP, 7, "m1", 1, os.getpid(), 10.5),
    ]


def test_a_lower_token_is_refused_and_told(resource: Resource) -> None:
    """The refusal stands in the log, with who it was and that he might still have acted."""
    with writer(resource, 8, "m2") as new, writer(resource, 7, "m1") as old:
        assert new.write(START, until=11.0)
        assert not old.write(WORK, until=11.0)
        assert new.write(WORK, until=11.0)
    refused = resource.logs()["unit-01"][1]
    assert (refused.machine, refused.refused, refused.believed) == ("m1", True, True)


def test_a_late_writer_is_told_from_a_believer(resource: Resource) -> None:
    """Whose time was over when it came did not believe any more; its token is refused all the same."""
    with writer(resource, 8, "m2") as new, writer(resource, 7, "m1") as old:
        assert new.write(START, until=11.0)
        assert not old.write(WORK, until=10.0)
    assert not resource.logs()["unit-01"][1].believed


def test_the_token_alone_decides(resource: Resource) -> None:
    """Somebody whose time is over is let in as long as nobody newer was there."""
    with writer(resource, 7) as mine:
        assert mine.write(START, until=1.0)
    assert not resource.logs()["unit-01"][0].refused


def test_names_are_fenced_apart(resource: Resource) -> None:
    """A high token of one unit says nothing of another."""
    with writer(resource, 8) as one, writer(resource, 7, name="unit-02") as other:
        assert one.write(START, until=11.0)
        assert other.write(START, until=11.0)


def test_many_writers_at_once_keep_the_order(resource: Resource) -> None:
    """No write is lost, and no accepted token is lower than one before."""

    def hammer(token: int) -> None:
        with writer(resource, token, f"m{token}") as mine:
            for _ in range(25):
                mine.write(WORK, until=11.0)

    threads = [threading.Thread(target=hammer, args=[token]) for token in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    log = resource.logs()["unit-01"]
    assert len(log) == 100
    tokens = [entry.token for entry in log if not entry.refused]
    assert tokens == sorted(tokens)
    assert tokens[-1] == 4


def test_a_resource_that_is_gone_is_an_error() -> None:
    """A writer never takes silence for a yes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        with Writer(f"{host}:{port}", "unit-01", 1, "m1", 1) as mine:
            server.accept()[0].close()
            with pytest.raises(OSError, match=r".+"):
                mine.write(START, until=1.0)
