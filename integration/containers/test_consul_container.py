"""What only `ConsulContainer` has: how short its leases may be, and when it may be used."""

from __future__ import annotations

import http.client
import json

import pytest

from coordination import ConfigurationError, connect
from coordination.testing.containers import ConsulContainer


def ask(consul: ConsulContainer, method: str, path: str, body: object = None) -> tuple[int, str]:
    """Status and text of what the server itself answers."""
    connection = http.client.HTTPConnection(consul.endpoint, timeout=10)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def session(ttl: str) -> dict[str, object]:
    """One that holds nothing and hangs on no check."""
    return {"TTL": ttl, "Checks": [], "LockDelay": "0s"}


@pytest.mark.parametrize("attempt", range(3))
def test_it_is_ready_when_it_says_so(attempt: int) -> None:
    """The very first requests work: a session, a consistent read, a transaction; every time anew."""
    with ConsulContainer() as consul:
        made, said = ask(consul, "PUT", "/v1/session/create", session("10s"))
        assert made == 200, said
        assert ask(consul, "GET", f"/v1/kv/{attempt}?consistent") == (404, "")
        write = {"KV": {"Verb": "lock", "Key": "unit", "Value": "", "Session": json.loads(said)["ID"]}}
        assert ask(consul, "PUT", "/v1/txn", [write])[0] == 200


def test_its_leases_may_be_as_short_as_was_asked_for(consul: ConsulContainer) -> None:
    """With `session_ttl_min=1` a lease of three seconds is granted, and ends when nobody renews it."""
    with connect(f"{consul.url}/short") as one, connect(f"{consul.url}/short") as two:
        lease = one.acquire_lease("unit", period=3)
        assert lease is not None
        assert two.acquire_lease("unit", period=3) is None
        assert two.wait_lease("unit", period=3, timeout=30) is not None


def test_without_asking_they_are_as_long_as_a_real_servers() -> None:
    """Else a test would pass with a period that production refuses: Consul's own limit is 10 s."""
    with ConsulContainer() as consul, connect(consul.url) as manager:
        with pytest.raises(ConfigurationError, match="10"):
            manager.acquire_lease("unit", period=9)
        assert manager.acquire_lease("unit", period=10) is not None
