"""Brings a client of Consul with a token that may write below shop/ alone.

consul_token.py HOST PORT TOKEN FILE, where FILE holds the token, too
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from coordination import PermissionDenied, connect


def took(client: Any, secret: str, **options: Any) -> bool:
    """Whether a lease can be had; the secret is nowhere to be seen."""
    with connect(client, **options) as manager:
        assert secret not in f"{manager!r}"
        try:
            lease = manager.wait_lease("unit", period=10, timeout=5)
        except PermissionDenied as error:
            assert secret not in f"{error} {error!r}"
            return False
        return lease.release()


def main(host: str, port: str, token: str, file: str) -> None:
    """Fails with a traceback, or ends with the line `let in`."""
    consul = importlib.import_module("consul")
    theirs = consul.Consul(host=host, port=int(port), token=token)
    assert took(theirs, token, prefix="shop")
    assert not took(theirs, token, prefix="elsewhere")
    nobody = consul.Consul(host=host, port=int(port))
    assert not took(nobody, token, prefix="shop")
    assert took(nobody, token, prefix="shop", token=token)
    assert took(nobody, token, prefix="shop", token_file=file)
    print("let in")


if __name__ == "__main__":
    main(*sys.argv[1:])
