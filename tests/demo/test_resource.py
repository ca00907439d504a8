"""The fenced resource and its writers, over a socket: what it takes, what it refuses, what it notes."""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from coordination.demo.log import Entry
from coordination.demo.resource import Resource
from coordination.demo.scheduler.writer import START, STOP, TAKEN, WORK, Writer
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


def connected(resource: Resource) -> socket.socket:
    """To it, by somebody who has said nothing yet."""
    host, _, port = resource.address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def line(pid: int) -> bytes:
    """A write by this process."""
    who = {"name": "unit-01", "token": 7, "machine": "m1", "version": 1, "pid": pid}
    return json.dumps({**who, "kind": WORK, "until": 11.0}).encode() + b"\n"


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold, in half a minute at most."""
    end = time.monotonic() + 30
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


def test_what_a_killed_writer_sent_is_waited_for(resource: Resource) -> None:
    """It is in the log when it counts as heard out, however late a busy machine comes to take it."""
    dead, other = 4711, 4712
    assert resource.heard_out({dead, other})
    with connected(resource) as mine:
        assert not resource.heard_out({other}), "it has not said whose it is"
        mine.sendall(line(dead))
        assert mine.recv(64) == TAKEN
        assert resource.heard_out({other})
        with resource._lock:  # the resource comes to it late
            mine.sendall(line(dead))
            mine.close()
            assert not resource.heard_out({dead})
    assert eventually(lambda: resource.heard_out({dead}))
    assert len(resource.logs()["unit-01"]) == 2


def test_a_writer_that_is_killed_before_its_answer_is_no_event(
    resource: Resource, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its system resets the connection, of which nothing is printed into the demo."""
    with connected(resource) as mine:
        at_once = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        mine.sendall(line(1))
        assert eventually(lambda: "unit-01" in resource.logs())
    assert eventually(lambda: resource.heard_out({1}))
    assert capfd.readouterr().err == ""


def test_a_resource_that_is_gone_is_an_error() -> None:
    """A writer never takes silence for a yes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        with Writer(f"{host}:{port}", "unit-01", 1, "m1", 1) as mine:
            server.accept()[0].close()
            with pytest.raises(OSError, match=r".+"):
                mine.write(START, until=1.0)
