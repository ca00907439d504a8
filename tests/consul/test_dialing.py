"""A host with several addresses, some of them dead: each gets a share of the time, the good one stays."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from coordination.stores.consul import dialing
from coordination.stores.consul.dialing import dialed
from coordination.stores.consul.resolving import Place
from coordination.testing import FakeClock
from integration.servers.hostile import Hostile, refusing
from tests.consul.talking import FINE, LOOK, agent, answering, until

FIRST, SECOND, THIRD = ((socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, 8500)) for name in "abc")


class Open:
    """A connection to this place."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.closed = False
        self.timeout: float | None = None

    def settimeout(self, timeout: float | None) -> None:
        self.timeout = timeout

    def close(self) -> None:
        self.closed = True


class Network:
    """Addresses on a fake clock: some swallow what is sent, some refuse, the others answer at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = FakeClock()
        self.addresses = [FIRST, SECOND]
        self.swallowing: set[Place] = set()
        self.refusing: set[Place] = set()
        self.tried: list[tuple[str, float]] = []
        """Which address, and how many seconds it was given."""
        self.resolving = 0.0
        monkeypatch.setattr(dialing, "_good", {})
        monkeypatch.setattr(dialing, "_NOW", self.clock.now)
        monkeypatch.setattr(dialing, "left", lambda until: until - self.clock.now())
        monkeypatch.setattr(dialing, "places", self._places)
        monkeypatch.setattr(dialing, "_connected", self._connected)

    def dial(self, seconds: float = 2.0) -> str:
        """The address that answers."""
        connection: Any = dialed("consul.example", 8500, self.clock.now() + seconds)
        assert connection.timeout > 0
        return str(connection.place[4][0])

    def _places(self, _host: str, _port: int, timeout: float) -> list[Place]:
        assert timeout > 0
        self.clock.advance(self.resolving)
        return list(self.addresses)

    def _connected(self, place: Place, until: float) -> Open:
        self.tried.append((place[4][0], round(until - self.clock.now(), 3)))
        if place in self.refusing:
            raise ConnectionRefusedError("refused")
        if place in self.swallowing:
            self.clock.advance(until - self.clock.now())
            raise TimeoutError("no answer in time")
        return Open(place)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """Of two addresses, both well."""
    return Network(monkeypatch)


def test_the_first_that_answers(network: Network) -> None:
    """No other is tried."""
    assert network.dial() == "a"
    assert [name for name, _ in network.tried] == ["a"]


def test_an_address_that_swallows_gets_its_share_only(network: Network) -> None:
    """The next one is reached within the bound, with what is left of it; and is the first from then on."""
    network.swallowing = {FIRST}
    assert network.dial(2.0) == "b"
    assert network.tried == [("a", 1.0), ("b", 1.0)]
    network.tried.clear()
    assert network.dial(2.0) == "b"
    assert [name for name, _ in network.tried] == ["b"]


def test_the_share_is_of_what_is_left(network: Network) -> None:
    """Resolving the name took some of it, and who refuses takes nothing of the others' shares."""
    network.addresses = [FIRST, SECOND, THIRD]
    network.resolving = 0.5
    network.refusing, network.swallowing = {FIRST}, {SECOND}
    assert network.dial(2.0) == "c"
    assert network.tried == [("a", 0.5), ("b", 0.75), ("c", 0.75)]


def test_a_good_address_that_dies_is_given_up(network: Network) -> None:
    """The other is tried again, and remembered instead."""
    network.swallowing = {FIRST}
    assert network.dial() == "b"
    network.swallowing = {SECOND}
    network.tried.clear()
    assert [network.dial(), network.dial()] == ["a", "a"]
    assert [name for name, _ in network.tried] == ["b", "a", "a"]


def test_no_address_answers(network: Network) -> None:
    """In time, with the last one's error; and where there is none at all, that is said."""
    network.swallowing, network.refusing = {FIRST}, {SECOND}
    began = network.clock.now()
    with pytest.raises(ConnectionRefusedError):
        network.dial(2.0)
    assert network.clock.now() - began <= 2.0
    network.addresses = []
    with pytest.raises(OSError, match="no address"):
        network.dial()


def test_a_real_second_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request reaches the agent that listens on the second of two addresses."""
    monkeypatch.setattr(dialing, "_good", {})
    with refusing() as nobody, agent(answering(FINE)) as (made, server):
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(endpoint.rpartition(":")[2])))
            for endpoint in (nobody, server.endpoint)
        ]
        monkeypatch.setattr(dialing, "places", lambda *_: list(found))
        assert made.ask(LOOK, until(5.0)).status == 200
        assert list(dialing._good.values()) == [found[1]]


def test_what_is_too_late_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that comes in the very last moment leaves no socket behind."""
    made: list[socket.socket] = []
    real = dialing._connected

    def connected(place: Place, limit: float) -> Any:
        made.append(real(place, limit + 5.0))
        while dialing._NOW() < limit:
            pass
        return made[-1]

    monkeypatch.setattr(dialing, "_connected", connected)
    with Hostile(answering(FINE)) as server:
        host, _, port = server.endpoint.rpartition(":")
        with pytest.raises(TimeoutError):
            dialed(host, int(port), until(0.5))
    leaked = [each for each in made if each.fileno() != -1]
    for each in leaked:
        each.close()
    assert (len(made), leaked) == (1, [])
