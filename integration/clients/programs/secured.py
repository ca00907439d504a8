"""Brings a client that speaks TLS, with a certificate of its own, to a cluster that asks for one.

secured.py etcd3|pyetcd HOST PORT CA CERT KEY WRONG_CA
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from coordination import ConfigurationError, Manager, StoreRefused, StoreUnavailable, connect


def worked(manager: Manager) -> list[str]:
    """A lease taken, renewed and given back; and what `health` says then."""
    lease = manager.acquire_lease("unit", period=10)
    assert lease is not None
    lease.renew()
    remarks = manager.health()
    assert lease.release()
    return remarks


def stopped(client: Any) -> str:
    """Why a lease cannot be had."""
    with connect(client, timeout=3) as manager:
        try:
            manager.acquire_lease("unit", period=10)
        except (StoreUnavailable, StoreRefused) as error:
            return str(error)
    raise AssertionError("it let us in")


def forked(client: Any) -> None:
    """In a child nothing is held; the parent goes on."""
    with connect(client, prefix="forked") as manager:
        lease = manager.wait_lease("unit", period=10, timeout=5)
        child = os.fork()
        if not child:
            os._exit(_in_child(manager) or lease.held)
        assert os.waitpid(child, 0)[1] == 0
        lease.renew()
        assert lease.release()


def _in_child(manager: Manager) -> bool:
    try:
        manager.acquire_lease("other", period=10)
    except ConfigurationError:
        return False
    return True


def main(library: str, host: str, port: str, ca: str, cert: str, key: str, wrong_ca: str) -> None:
    """Fails with a traceback, or prints what `health` says without and with certificates given to us."""
    brought = importlib.import_module(library)
    certificate = {"cert_cert": cert, "cert_key": key}
    client = brought.client(host=host, port=int(port), ca_cert=ca, timeout=5, **certificate)
    with connect(client, prefix="tls") as manager:
        print("kept:", *worked(manager))
    assert client.put("tls/theirs", "a value")  # It is as usable as before.
    with connect(client, prefix="tls", cacert=ca, cert=cert, key=key) as manager:
        print("given:", *worked(manager))
    forked(client)
    stranger = brought.client(host=host, port=int(port), ca_cert=wrong_ca, **certificate)
    print("wrong:", stopped(stranger))
    client.close()
    with connect(client, prefix="tls", cacert=ca, cert=cert, key=key) as manager:
        worked(manager)
    print("closed:", stopped(client) if library == "etcd3" else "")


if __name__ == "__main__":
    main(*sys.argv[1:])
