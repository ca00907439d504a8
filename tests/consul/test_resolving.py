"""Names of hosts are resolved within a bound, whatever the system's resolver takes."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from coordination.stores.consul import resolving
from coordination.stores.consul.resolving import places

WORKER = "coordination-consul-resolver"


def test_an_address_needs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread, no resolver."""
    monkeypatch.setattr(resolving, "started", None)
    for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
        assert [(place[0], place[4][:2]) for place in places(host, 8500, 5.0)] == [(family, (host, 8500))]


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
    assert time.monotonic() - began < 2.0
    workers = [thread for thread in threading.enumerate() if thread.name == WORKER]
    assert [thread.daemon for thread in workers] == [True]
    over.set()
    workers[0].join(10.0)
    assert not workers[0].is_alive()
