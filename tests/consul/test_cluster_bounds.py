"""What agents are given to each request: time, the scope, the token; and who must not ask any more."""

from __future__ import annotations

import os

import pytest

from coordination.errors import ConfigurationError, StoreError, StoreUnavailable
from coordination.hidden import Hidden
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.message import Effect, Request
from coordination.stores.consul.settings import Settings
from tests.consul.scripted import FINE, ScriptedAgent, ask, cluster


def test_time_is_left_for_the_others() -> None:
    """Half of what is left for each but the last; all of it for what can be asked only once, or of one."""
    silent = [ScriptedAgent(FINE, takes=100.0) for _ in range(3)]
    with pytest.raises(StoreUnavailable):
        ask(cluster(*silent), Effect.NONE, 8.0)
    assert [agent.given for agent in silent] == [[4.0], [2.0], [2.0]]
    for effect, agents in ((Effect.ONCE, 3), (Effect.NONE, 1)):
        silent = [ScriptedAgent(FINE, takes=100.0) for _ in range(agents)]
        with pytest.raises(StoreError):
            ask(cluster(*silent), effect, 8.0)
        assert [given for agent in silent for given in agent.given] == [8.0]


def test_nobody_is_asked_when_the_time_is_over() -> None:
    """But the first, who was to be asked anyhow."""
    a, b = ScriptedAgent(FINE, takes=1.0), ScriptedAgent(FINE)
    with pytest.raises(StoreUnavailable):
        ask(cluster(a, b), Effect.NONE, 0.0)
    assert (len(a.asked), len(b.asked)) == (1, 0)


def test_the_scope_goes_with_every_request() -> None:
    """Datacenter and namespace, beside the query that a request has."""
    a = ScriptedAgent(FINE)
    on = cluster(a, dc="dc-2", namespace="team")
    ask(on)
    on.ask(Request("GET", "/v1/kv/x", "consistent"), lambda answer: answer.status, 1.0)
    assert [each.query for each in a.asked] == ["dc=dc-2&ns=team", "consistent&dc=dc-2&ns=team"]


def test_a_closed_cluster_asks_nobody() -> None:
    """And closes its connections."""
    a = ScriptedAgent(FINE)
    on = cluster(a)
    on.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        ask(on)
    assert (a.asked, a.closed) == ([], True)


def test_a_child_of_fork_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connections are its parent's, which it must not even close."""
    a = ScriptedAgent(FINE)
    on = cluster(a)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    with pytest.raises(ConfigurationError, match="after a fork"):
        ask(on)
    on.close()
    assert (a.asked, a.closed) == ([], False)


def test_two_threads_turn_once() -> None:
    """Both found the first one silent; the one between is not passed by."""
    a, b, c = agents = [ScriptedAgent(FINE) for _ in range(3)]
    on = cluster(*agents)
    on.turn(a)  # type: ignore[arg-type]
    on.turn(a)  # type: ignore[arg-type]
    ask(on)
    assert [len(agent.asked) for agent in (a, b, c)] == [0, 1, 0]


def test_the_token_is_a_header() -> None:
    """Never a part of what is asked for, which proxies and servers write down."""
    with_one = Cluster(Settings(("a:1",), token=Hidden("t0ken")))
    assert with_one.agents[0]._headers["X-Consul-Token"] == "t0ken"
    assert "t0ken" not in with_one.scoped(Request("GET", "/v1/kv/x", "consistent")).query
    assert "X-Consul-Token" not in Cluster(Settings(("a:1",))).agents[0]._headers
