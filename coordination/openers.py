"""One function for each store that takes a URL or a client; the only module that knows the stores by name."""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote

from coordination.clock import Clock
from coordination.errors import ConfigurationError
from coordination.forking import NO_FORK
from coordination.options import Options, boolean, nothing_left
from coordination.store import Store

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "coordination.stores"

Opener = Callable[[SplitResult, Clock, Options], Store]
ClientOpener = Callable[[object, Options], Store]


def _file(url: SplitResult, clock: Clock, options: Options) -> Store:
    with NO_FORK:
        from coordination.stores.file.store import FileStore

    durable = boolean(options, "durable", True)
    nothing_left(options, "files")
    if url.netloc not in ("", "localhost"):
        raise ConfigurationError(
            f"a file URL names a folder of this machine: file:///{url.netloc}{url.path}, with three slashes"
        )
    path = unquote(url.path)
    if sys.platform == "win32" and path[:1] == "/" and path[2:3] == ":":
        path = path[1:]
    if not path or "\0" in path:
        raise ConfigurationError("a file URL names a folder: file:///path/to/folder")
    if not Path(path).is_absolute():
        # It would be another folder in each working directory, and so exclude nobody.
        raise ConfigurationError(
            f"a file URL has three slashes and an absolute path: file:///path/to/folder, not {path!r}"
        )
    return FileStore(Path(path), clock, durable=durable)


def _etcd(url: SplitResult, _clock: Clock, options: Options) -> Store:
    try:
        with NO_FORK:
            from coordination.stores.etcd.opening import store_of
    except ImportError as error:
        raise ConfigurationError(
            f"{url.scheme}:// needs grpcio and protobuf ({error}): pip install 'coordination[etcd]'"
        ) from error
    plaintext_password = boolean(options, "plaintext_password", False)
    store = store_of(url, options, plaintext_password=plaintext_password)
    nothing_left(options, "etcd")
    return store


def _etcd_client(client: object, options: Options) -> Store:
    with NO_FORK:
        from coordination.stores.etcd.bring import store_of_client

    plaintext_password = boolean(options, "plaintext_password", False)
    store = store_of_client(client, options, plaintext_password=plaintext_password)
    nothing_left(options, "an etcd client")
    return store


def _consul(url: SplitResult, _clock: Clock, options: Options) -> Store:
    _demand_urllib3(f"{url.scheme}://")
    with NO_FORK:
        from coordination.stores.consul.opening import store_of

    store = store_of(url, options)
    nothing_left(options, "consul")
    return store


def _consul_client(client: object, options: Options) -> Store:
    _demand_urllib3("a consul client")
    with NO_FORK:
        from coordination.stores.consul.bring import store_of_client

    store = store_of_client(client, options)
    nothing_left(options, "a consul client")
    return store


def _demand_urllib3(what: str) -> None:
    """The store loads it at its first request only, which is late to say what is missing."""
    if importlib.util.find_spec("urllib3") is None:
        raise ConfigurationError(f"{what} needs urllib3: pip install 'coordination[consul]'")


_memories: dict[tuple[int, str], Store] = {}
"""By process as well: a child of fork inherits a copy, which would exclude nobody in its parent."""


def _memory(url: SplitResult, clock: Clock, options: Options) -> Store:
    with NO_FORK:
        from coordination.stores.memory import MemoryStore

    nothing_left(options, "memory")
    name = url.netloc + url.path
    if not name:
        return MemoryStore(clock)
    # No mutex, which a child of fork could inherit locked: setdefault is atomic.
    return _memories.setdefault((os.getpid(), name), MemoryStore(clock))


_CLIENTS: dict[str, ClientOpener] = {"etcd3": _etcd_client, "pyetcd": _etcd_client, "consul": _consul_client}
"""By the top module of the client's class: nobody has to have these libraries."""


def client_opener(target: object) -> ClientOpener | None:
    """Who can read `target` if it is a client of another library, or of a subclass; None if it is not."""
    tops = (kind.__module__.partition(".")[0] for kind in type(target).__mro__)
    return next((_CLIENTS[top] for top in tops if top in _CLIENTS), None)


def openers() -> dict[str, Opener]:
    """By scheme; stores from other distributions come by the entry point group `coordination.stores`."""
    with NO_FORK:
        from importlib.metadata import entry_points

    found: dict[str, Opener] = {
        entry.name: functools.partial(_loaded, entry) for entry in entry_points(group=ENTRY_POINTS)
    }
    ours: dict[str, Opener] = {"file": _file, "memory": _memory, "etcd": _etcd, "consul": _consul}
    return {**found, **ours, "etcds": _etcd, "consuls": _consul}


def _loaded(entry: EntryPoint, url: SplitResult, clock: Clock, options: Options) -> Store:
    store = entry.load()(url, clock, options)
    if not isinstance(store, Store):
        raise ConfigurationError(f"the entry point {entry.value!r} did not answer a Store")
    return store
