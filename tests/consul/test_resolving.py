"""Names of hosts are resolved within a bound, whatever the system's resolver takes."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from coordination.errors import StoreUnavailable
from coordination.stores.consul import resolving
from coordination.stores.consul.resolving import places
from tests.consul.polled import eventually

WORKER = "coordination-consul-resolver"


def workers() -> list[threading.Thread]:
    """Those that run."""
    return [thread for thread in threading.enumerate() if thread.name == WORKER]


@pytest.fixture(autouse=True)
def _alone() -> None:
    """The last test's worker may have answered, and not ended yet."""
    assert eventually(lambda: not workers())


def test_an_address_needs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread, no resolver."""
    monkeypatch.setattr(resolving, "started", None)
    for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
        assert [(place[0], place[4][:2]) for place in places(host, 8500, 5.0)] == [(family, (host, 8500))]


def test_no_codec_is_loaded_for_it() -> None:
    """A child of a fork in that moment would wait for the codec for ever: seen once, under load."""
    program = (
        "import sys; from coordination.stores.consul.resolving import places; places('127.0.0.1', 80, 5.0);"
        "print('encodings.idna' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_a_name() -> None:
    """All its addresses."""
    assert ("127.0.0.1", 8500) in [place[4][:2] for place in places("localhost", 8500, 10.0)]


@pytest.mark.parametrize("error", [socket.gaierror(-2, "unknown"), OSError("broken"), UnicodeError("idna")])
def test_a_name_that_is_none(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """`OSError`, also where Python cannot encode it."""

    def asked(_host: str, _port: int, flags: int) -> Any:
        raise error if not flags else socket.gaierror(-2, "a name")

    monkeypatch.setattr(resolving, "_asked", asked)
    with pytest.raises(OSError, match=r"unknown|broken|idna"):
        places("nowhere.example", 8500, 5.0)


def test_a_resolver_that_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """`TimeoutError` in time; its thread ends when it does, and keeps no program from ending."""
    over = threading.Event()

    def asked(_host: str, _port: int, flags: int) -> Any:
        if flags:
            raise socket.gaierror(-2, "a name")
        over.wait(30.0)
        return []

    monkeypatch.setattr(resolving, "_asked", asked)
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"nowhere\.example was not resolved in time"):
        places("nowhere.example", 8500, 0.2)
    assert time.monotonic() - began < 10.0
    [worker] = workers()
    assert worker.daemon
    over.set()
    worker.join(10.0)
    assert not worker.is_alive()


class Resolver:
    """The system's, which takes until `over`; knows what it was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.over = threading.Event()
        self.asked: list[str] = []
        monkeypatch.setattr(resolving, "_asked", self._ask)

    def _ask(self, host: str, port: int, flags: int) -> Any:
        if flags:
            raise socket.gaierror(-2, "a name")
        self.asked.append(host)
        self.over.wait(30.0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def test_one_resolution_of_a_host_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many want it, and however often they give up; each gets the answer, and the next asks anew."""
    resolver, waiting = Resolver(monkeypatch), list[str]()
    answer = resolving._Resolution.answer

    def counted(self: Any, host: str, timeout: float) -> Any:
        waiting.append(host)
        return answer(self, host, timeout)

    monkeypatch.setattr(resolving._Resolution, "answer", counted)
    for _ in range(5):
        with pytest.raises(TimeoutError):
            places("slow.example", 8500, 0.01)
    found: list[object] = []
    patient = [
        threading.Thread(target=lambda: found.append(places("slow.example", 8500, 30.0))) for _ in range(8)
    ]
    for thread in patient:
        thread.start()
    assert eventually(lambda: len(waiting) == 5 + 8)
    with pytest.raises(TimeoutError):
        places("other.example", 8500, 0.01)
    assert eventually(lambda: len(resolver.asked) == 2)
    assert set(resolver.asked) == {"slow.example", "other.example"}
    assert len(workers()) == 2
    resolver.over.set()
    for thread in patient:
        thread.join(10.0)
    assert [type(it) for it in found] == [list] * 8
    for worker in workers():
        worker.join(10.0)  # The other host's, whom nobody waits for any more.
    assert resolving._under_way == {}
    assert places("slow.example", 8500, 10.0) == found[0]
    assert resolver.asked.count("slow.example") == 2


def test_a_resolution_without_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, and the next caller is not left waiting for it."""
    Resolver(monkeypatch).over.set()

    def none(_target: object, _name: str) -> threading.Thread:
        raise StoreUnavailable("no thread")

    with monkeypatch.context() as without:
        without.setattr(resolving, "started", none)
        with pytest.raises(StoreUnavailable):
            places("slow.example", 8500, 5.0)
    assert len(places("slow.example", 8500, 10.0)) == 1
