"""Brings a client that has given its password for a token, which the server then forgets.

    with_token.py etcd3|pyetcd HOST PORT USER PASSWORD

Prints `ready`, and goes on once it is given a line.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from coordination import AuthFailed, ConfigurationError, PermissionDenied, StoreError, connect


def refused(client: Any, prefix: str) -> StoreError:
    """With which error the cluster refuses us a lease."""
    with connect(client, prefix=prefix) as manager:
        try:
            manager.acquire_lease("unit", period=10)
        except StoreError as error:
            return error
    raise AssertionError("it let us in")


def main(library: str, host: str, port: str, user: str, password: str) -> None:
    """Fails with a traceback, or ends with what the error says once the token is of no use."""
    module = importlib.import_module(library)
    client = module.client(host=host, port=int(port), timeout=5, user=user, password=password)
    token = dict(client.metadata)["token"]
    with connect(client, prefix="shop") as manager:
        lease = manager.wait_lease("unit", period=10, timeout=5)
        assert token not in repr(manager)
        assert isinstance(refused(client, "elsewhere"), PermissionDenied)
        print("ready", flush=True)
        sys.stdin.readline()
        try:
            lease.renew()
        except AuthFailed:
            pass
        else:
            raise AssertionError("the token is still accepted")
    error = refused(client, "shop")
    assert isinstance(error, AuthFailed), error
    assert token not in str(error)
    account: dict[str, Any] = {"user": user, "password": password}
    try:
        connect(client, **account)
    except ConfigurationError:
        pass  # A password over plaintext has to be asked for.
    else:
        raise AssertionError("a password went over plaintext")
    with connect(client, prefix="shop", plaintext_password=True, **account) as manager:
        manager.wait_lease("another", period=10, timeout=5).renew()
    print(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
