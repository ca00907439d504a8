"""The store on etcd v3 (3.4 and later), over grpcio.

`opening` makes a store from a URL; `store` is the contract; below it `connection` makes calls that
fail over between members, `keepalives` and `watches` are the two streams, `messages` the protocol.
`EtcdStore` and `open_store` can be had from here; they are loaded at their first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coordination.stores.etcd.opening import open_store
    from coordination.stores.etcd.store import EtcdStore

__all__ = ["EtcdStore", "open_store"]

_HOMES = {"EtcdStore": "store", "open_store": "opening"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
