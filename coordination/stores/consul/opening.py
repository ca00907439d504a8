"""From a URL to an open store; also what tests use that need no manager."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from coordination import pem
from coordination.options import Options, nothing_left, options_of
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.settings import Settings, settings_of
from coordination.stores.consul.store import ConsulStore


def open_store(url: str, **options: Any) -> ConsulStore:
    """The store that a `consul://` or `consuls://` URL names; nothing is contacted yet."""
    parts = urlsplit(url)
    taken = {**options_of(parts), **options}
    store = store_of(parts, taken)
    nothing_left(taken, "consul")
    return store


def store_of(url: SplitResult, options: Options) -> ConsulStore:
    """The same from a URL in parts; takes the options it knows out of `options`."""
    return store_on(settings_of(url, options))


def store_on(settings: Settings, remarks: Sequence[str] = ()) -> ConsulStore:
    """A store on connections of its own; `remarks` are told by `health()`."""
    told = [*pem.remarks(settings.key), *remarks]
    return ConsulStore(Cluster(settings), settings.prefix, str(settings), settings.lock_delay, told)
