"""Brings a client of Consul that speaks TLS, with a certificate of its own, to a server that asks for one.

consul_secured.py HOST PORT CA CERT KEY WRONG_CA BOTH, where BOTH holds the certificate and its key
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from coordination import ConfigurationError, StoreRefused, StoreUnavailable, connect


def worked(client: Any, **options: Any) -> str:
    """What `health` says after a lease was taken, renewed and given back."""
    with connect(client, prefix="tls", **options) as manager:
        lease = manager.wait_lease("unit", period=10, timeout=5)
        lease.renew()
        remarks = manager.health()
        assert lease.release()
    return " ".join(remarks)


def refused(client: Any, **options: Any) -> str:
    """Why a lease cannot be had."""
    try:
        with connect(client, timeout=3, **options) as manager:
            manager.acquire_lease("unit", period=10)
    except (StoreUnavailable, StoreRefused, ConfigurationError) as error:
        return f"{type(error).__name__} {error}"
    raise AssertionError("it let us in")


def main(host: str, port: str, ca: str, cert: str, key: str, wrong_ca: str, both: str) -> None:
    """Fails with a traceback, or prints what each way to say it came to."""

    def client(**tls: Any) -> Any:
        """One of theirs."""
        return importlib.import_module("consul").Consul(host=host, port=int(port), scheme="https", **tls)

    theirs = client(verify=ca, cert=(cert, key))
    print("pair:", worked(theirs))
    assert theirs.kv.put("tls/theirs", "a value")  # It is as usable as before.
    print("one file:", worked(client(verify=ca, cert=both)))
    print("given:", worked(client(verify=False), cacert=ca, cert=cert, key=key))
    print("wrong:", refused(client(verify=wrong_ca, cert=both)))
    print("public:", refused(client(cert=both)))
    print("none:", refused(client(verify=ca)))
    print("unverified:", refused(client(verify=False, cert=both)))


if __name__ == "__main__":
    main(*sys.argv[1:])
