"""Brings a client of Consul, and uses it and our store at once.

consul_client.py HOST PORT PREFIX
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

import coordination


def kept(client: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What there is of it."""
    return dict(vars(client)), dict(vars(client.http))


def told(lost: list[str]) -> list[str]:
    """What was lost, waiting for it for at most five seconds."""
    until = time.monotonic() + 5
    while not lost and time.monotonic() < until:
        time.sleep(0.01)
    return lost


def main(host: str, port: str, prefix: str) -> None:
    """Fails with a traceback, or ends with the line `both`."""
    client = importlib.import_module("consul").Consul(host=host, port=int(port), consistency="stale")
    before = kept(client)
    assert client.kv.put(f"{prefix}/theirs", "a value")
    key = f"{prefix}/@/leases/unit"
    with coordination.connect(client, prefix=prefix) as manager:
        lease = manager.acquire_lease("unit", machine_id="here", period=10)
        assert lease is not None
        _, found = client.kv.get(key, consistency="consistent")
        assert json.loads(found["Value"])["MachineID"] == "here", found
        assert found["Session"] in [session["ID"] for session in client.session.list()[1]]
        assert found["ModifyIndex"] == lease.index == lease.token, found
        lease.renew()
        assert client.kv.get(key, consistency="consistent")[1]["ModifyIndex"] == lease.index > lease.token
        # What the client does is seen by our watch.
        lost: list[str] = []
        lease.keep_alive(lambda _lease, reason: lost.append(reason))
        assert client.kv.delete(key)
        assert told(lost) == ["deleted"], lost
        assert manager.health() == []
    assert kept(client) == before, "the client was changed"
    assert client.kv.get(f"{prefix}/theirs")[1]["Value"] == b"a value"
    print("both")


if __name__ == "__main__":
    main(*sys.argv[1:])
