"""A program that speaks to etcd already takes a lease at the same servers, through the client it has.

    python examples/bring_your_client.py 127.0.0.1 2379

With etcd3 (pip install 'coordination[etcd3]') or its fork (pip install 'coordination[etcd]' etcd-sdk-python).
"""

from __future__ import annotations

import sys
from typing import Any

from coordination import connect

try:
    import etcd3
except ImportError:
    import pyetcd as etcd3


def report(client: Any, host: str) -> None:
    """One machine writes the report; the client goes on being used for everything else."""
    with connect(client, prefix="shop", namespace="night") as manager:
        lease = manager.acquire_lease("nightly-report", period=30)
        if lease is None:
            print("another machine does it tonight")
            return
        with lease:
            title, _ = client.get("shop/title")
            lease.check()
            lease.commit({"report": title + b" of " + host.encode()})  # only while the lease is ours
            print(f"written under token {lease.token}")
    written, _ = client.get("shop/night/data/report")
    print(written.decode())


def main(host: str, port: int) -> None:
    """Closing the manager leaves the client as it was."""
    client = etcd3.client(host=host, port=port, timeout=5)
    client.put("shop/title", "Sales")
    report(client, host)
    client.delete("shop/title")
    client.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
