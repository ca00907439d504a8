"""Loads a client library and our store in one process, in either order, and uses both at once.

together.py theirs|ours etcd3|pyetcd HOST PORT PREFIX
"""

from __future__ import annotations

import importlib
import sys

import coordination


def main(first: str, library: str, host: str, port: str, prefix: str) -> None:
    """Fails with a traceback, or ends with the line `both`."""
    modules = [library, "coordination.stores.etcd.store"]
    for name in modules if first == "theirs" else reversed(modules):
        importlib.import_module(name)
    client = sys.modules[library].client(host=host, port=int(port), timeout=5)
    before = dict(vars(client))
    client.put(f"{prefix}/theirs", "a value")
    with coordination.connect(client, prefix=prefix) as manager:
        lease = manager.acquire_lease("unit", period=10)
        assert lease is not None
        found = [meta.key for _, meta in client.get_prefix(f"{prefix}//leases/")]
        assert found == [f"{prefix}//leases/unit".encode()], found
        index = lease.index
        lease.renew()
        assert lease.index > index
        # Writes of the client are seen by our watch, and ours by the client.
        lost: list[str] = []
        lease.keep_alive(lambda _lease, reason: lost.append(reason))
        assert client.delete(f"{prefix}//leases/unit")
        assert _within(manager, lost) == ["deleted"], lost
        assert manager.health() == []
    assert vars(client) == before or library == "pyetcd", "the client was changed"
    assert client.get(f"{prefix}/theirs")[0] == b"a value"
    client.close()
    print("both")


def _within(manager: coordination.Manager, lost: list[str]) -> list[str]:
    """What was lost, waiting for it for at most five seconds."""
    import time

    until = time.monotonic() + 5
    while not lost and time.monotonic() < until:
        time.sleep(0.01)
    return lost


if __name__ == "__main__":
    main(*sys.argv[1:])
