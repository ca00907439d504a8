"""The store on Consul (1.8 and later), over urllib3's connections.

`opening` makes a store from a URL; `store` is the contract, `steps` its transactions; below it `cluster`
asks agents, one after the other, and `watches` runs the blocking queries.
`ConsulStore` and `open_store` can be had from here; they are loaded at their first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coordination.stores.consul.opening import open_store
    from coordination.stores.consul.store import ConsulStore

__all__ = ["ConsulStore", "open_store"]

_HOMES = {"ConsulStore": "store", "open_store": "opening"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
