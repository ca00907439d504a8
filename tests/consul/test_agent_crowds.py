"""One agent asked by many threads at once: only so many connections, and one fresh one for one that ended."""

from __future__ import annotations

import socket
import threading

import pytest

from coordination.errors import StoreUnavailable
from coordination.stores.consul.agent import MOST, Agent
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.message import Effect, Failed, Request
from coordination.stores.consul.settings import Settings
from integration.servers.hostile import Hostile, refusing
from tests.consul.polled import eventually
from tests.consul.talking import FINE, LOOK, Script, agent, heard, too_late, until


class Slow:
    """A server that answers nobody before `go` is set; counts the requests that wait."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self._mutex = threading.Lock()
        self.asked = 0

    def __call__(self, client: socket.socket, over: threading.Event) -> None:
        while heard(client):
            with self._mutex:
                self.asked += 1
            self.go.wait(30.0)
            client.sendall(FINE)


def crowd(made: Agent, size: int) -> list[threading.Thread]:
    """As many threads, each of which asks once and has much time."""
    threads = [threading.Thread(target=made.ask, args=(LOOK, until(30.0))) for _ in range(size)]
    for thread in threads:
        thread.start()
    return threads


def test_no_more_than_so_many_at_once() -> None:
    """Whoever comes then waits for a place within the bound, and nothing of it is sent without one."""
    slow = Slow()
    with agent(slow) as (made, server):
        threads = crowd(made, MOST)
        assert eventually(lambda: slow.asked == MOST)
        failed = too_late(lambda: made.ask(LOOK, until()))
        assert not failed.sent
        assert f"all {MOST} connections to it were in use" in failed.reason
        assert (server.connections, slow.asked) == (MOST, MOST)
        late = crowd(made, 3)
        slow.go.set()
        for thread in [*threads, *late]:
            thread.join(30.0)
            assert not thread.is_alive()
        assert slow.asked == MOST + 3
        assert server.connections <= MOST + 3


def test_a_caller_is_told_why() -> None:
    """It is `StoreUnavailable`: certainly not applied, so it may be tried again."""
    slow = Slow()
    with Hostile(slow) as server:
        cluster = Cluster(Settings((server.endpoint,)))
        threads = crowd(cluster.agents[0], MOST)
        assert eventually(lambda: slow.asked == MOST)
        with pytest.raises(StoreUnavailable, match=f"all {MOST} connections to it were in use"):
            cluster.ask(Request("PUT", "/v1/txn", effect=Effect.ONCE), lambda answer: answer.status, 0.2)
        slow.go.set()
        for thread in threads:
            thread.join(30.0)
        cluster.close()


def test_a_place_is_given_back_after_a_failure() -> None:
    """However often nobody listens."""
    with refusing() as endpoint:
        made = Agent(endpoint, None, {})
        for _ in range(MOST + 1):
            with pytest.raises(Failed, match="no connection"):
                made.ask(LOOK, until(5.0))


def ending(answers: int) -> Script:
    """Answers so many requests of all connections together, then ends each one that asks."""
    left = [answers]

    def script(client: socket.socket, _over: threading.Event) -> None:
        while heard(client):
            if not left[0]:
                return
            left[0] -= 1
            client.sendall(FINE)

    return script


@pytest.mark.parametrize("effect", [Effect.NONE, Effect.HARMLESS])
def test_a_connection_is_replaced_once(effect: Effect) -> None:
    """An agent that ends the fresh one as well has failed: it is not asked a third time."""
    request = Request("GET", "/", effect=effect)
    with agent(ending(1)) as (made, server):
        assert made.ask(request, until(5.0)).status == 200
        with pytest.raises(Failed) as caught:
            made.ask(request, until(5.0))
        assert caught.value.sent
        assert server.connections == 2


def test_a_fresh_connection_that_ends_is_not_replaced() -> None:
    """It was not old, so the agent has closed it for a reason."""
    with agent(ending(0)) as (made, server):
        with pytest.raises(Failed):
            made.ask(LOOK, until(5.0))
        assert server.connections == 1
