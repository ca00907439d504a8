"""An ACL token that Consul does not know: no storm of tries, whoever asks."""

from __future__ import annotations

import socket
import threading

import pytest

from coordination.errors import AuthFailed, StoreUnavailable
from coordination.stores.consul.account import QUIET
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.settings import Settings
from integration.servers.hostile import Hostile
from tests.consul.scripted import FINE, ScriptedAgent, ask, cluster, said
from tests.consul.talking import heard


def test_a_token_that_nobody_knows_is_tried_three_times_in_five_seconds() -> None:
    """Whoever calls, and however often: the watch and the heartbeat each had three tries."""
    a = ScriptedAgent(said("ACL not found", 403))
    on = cluster(a)
    for _ in range(50):
        with pytest.raises(AuthFailed, match="give another"):
            ask(on)
        on._clock.sleep(0.1)
    assert len(a.asked) == 3
    a.script = [FINE]
    on._clock.sleep(QUIET)
    assert ask(on) == "fine"
    on.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        ask(on)


def test_a_token_that_was_refused_is_not_tried_by_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a while: the calls of the same store try it as well."""
    monkeypatch.setattr("coordination.stores.consul.account.QUIET", 60.0)
    tried: list[bytes] = []

    def refused(client: socket.socket, _over: threading.Event) -> None:
        while said := heard(client):
            tried.append(said)
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 13\r\n\r\nACL not found")

    with Hostile(refused) as server:
        on = Cluster(Settings((server.endpoint,)))
        line = on.line()
        for _ in range(2):
            with pytest.raises(AuthFailed, match="unknown or revoked"):
                line.get("/v1/kv/x", "index=7", 10.0)
        line.close()
        on.close()
    assert len(tried) == 1
