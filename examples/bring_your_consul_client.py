"""A program that speaks to Consul already takes a lease at the same agent, through the client it has.

    python examples/bring_your_consul_client.py 127.0.0.1 8500

With python-consul (pip install 'coordination[python-consul]') or with py-consul (pip install
'coordination[consul]' py-consul).
"""

from __future__ import annotations

import sys
from typing import Any

import consul

from coordination import connect


def report(client: Any, host: str) -> None:
    """One machine writes the report; the client goes on being used for everything else."""
    with connect(client, prefix="shop", namespace="night") as manager:
        lease = manager.acquire_lease("nightly-report", period=30)
        if lease is None:
            print("another machine does it tonight")
            return
        with lease:
            _, title = client.kv.get("shop/title")
            lease.check()
            lease.commit({"report": title["Value"] + b" of " + host.encode()})  # only while the lease is ours
            print(f"written under token {lease.token}")
    _, written = client.kv.get("shop/night/data/report")
    print(written["Value"].decode())


def main(host: str, port: int) -> None:
    """Closing the manager leaves the client as it was."""
    client = consul.Consul(host=host, port=port)
    client.kv.put("shop/title", "Sales")
    report(client, host)
    client.kv.delete("shop/title")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
