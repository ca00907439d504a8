"""Brings a pyetcd client with several endpoints and TLS; the first of them does not answer.

several.py DEAD_PORT PORT CA CERT KEY
"""

from __future__ import annotations

import importlib
import sys

from coordination import connect


def main(*arguments: str) -> None:
    """Fails with a traceback, or ends with the line `served`."""
    *ports, ca, cert, key = arguments
    pyetcd = importlib.import_module("pyetcd")
    trust = pyetcd.MultiEndpointEtcd3Client.get_secure_creds(ca, key, cert)
    endpoints = [pyetcd.Endpoint("127.0.0.1", int(port), secure=True, creds=trust) for port in ports]
    client = pyetcd.MultiEndpointEtcd3Client(endpoints, timeout=5, failover=True)
    for number in range(8):  # Which endpoint is asked first is left to chance.
        with connect(client, prefix="several") as manager:
            lease = manager.acquire_lease(f"unit-{number}", period=10)
            assert lease is not None
            assert lease.release()
    assert [endpoint.last_failed for endpoint in endpoints] == [0, 0], "the client was changed"
    print("served")


if __name__ == "__main__":
    main(*sys.argv[1:])
