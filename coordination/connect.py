"""From a URL to a manager on the right store; the only module that knows the stores by name."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from coordination.clock import Clock, default_clock
from coordination.errors import ConfigurationError
from coordination.state_folder import state_folder
from coordination.store import Store
from coordination.timing import Seconds, positive

TIMEOUT = 5.0
"""Seconds one request to the store may take by default."""

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from coordination.manager import Manager

ENTRY_POINTS = "coordination.stores"

Options = dict[str, Any]
Opener = Callable[[SplitResult, Clock, Options], Store]


def connect(
    target: str | Store | None = None,
    *,
    machine_id: str | None = None,
    namespace: str = "",
    timeout: Seconds = TIMEOUT,
    clock: Clock | None = None,
    logger: Any = None,
    stall_after: Seconds | None = None,
    **options: Any,
) -> Manager:
    """A manager on the store that `target` names.

    `target` is a URL (`file:///folder`, `memory://`, `memory://NAME`), a `Store`, or None for
    `COORDINATION_URL`, else files in the user's state folder. `memory://NAME` is one store in one
    process; a child of fork gets a fresh one. `options` are the store's own and may also stand in
    the URL's query: `durable` for files (True: survive a power failure).

    `timeout` bounds each request, in seconds. `machine_id` is what people read, by default the host
    name. With `stall_after`, a kept lease whose owner has not called `progress()` for so many
    seconds is renewed no more. Nothing is contacted before the first call that needs the store.
    Raises `ConfigurationError`, before any I/O, for anything that can never work.
    """
    import socket

    from coordination import arguments
    from coordination.hooks import Events
    from coordination.manager import Manager
    from coordination.record import encode_segment

    encode_segment(namespace, "namespace")
    if clock is not None and not isinstance(clock, Clock):
        raise ConfigurationError(f"clock must have now, wall, wait and sleep; {clock!r} has not")
    ticking = clock or default_clock()
    store = _store(target, ticking, options)
    return Manager(
        store,
        ticking,
        machine_id=arguments.machine(machine_id, socket.gethostname()),
        namespace=namespace,
        timeout=positive(timeout, "timeout"),
        events=Events(logger),
        stall_after=None if stall_after is None else positive(stall_after, "stall_after"),
        owns_store=not isinstance(target, Store),
    )


def _store(target: object, clock: Clock, options: Options) -> Store:
    if isinstance(target, Store):
        _nothing_left(options, "a store that is already open")
        return target
    if target is None:
        target = os.environ.get("COORDINATION_URL") or state_folder().as_uri()
    if isinstance(target, os.PathLike):
        target = Path(target).absolute().as_uri()
    if not isinstance(target, str):
        raise ConfigurationError(f"connect() takes a URL, a Store or None, not {target!r}")
    if "#" in target:
        # It begins a fragment, which no store looks at: two such URLs would name one store.
        raise ConfigurationError(f"a store's URL has no fragment; write %23 for the # in {target!r}")
    try:
        url = urlsplit(target)
    except ValueError as error:
        raise ConfigurationError(f"{target!r} is not a URL: {error}") from error
    opener = _openers().get(url.scheme)
    if opener is None:
        known = ", ".join(f"{scheme}://" for scheme in sorted(_openers()))
        shown = f"{url.scheme}://" if url.scheme else repr(target)
        raise ConfigurationError(f"no store answers to {shown}; known are {known}")
    return opener(url, clock, {**_query(url), **options})


def _query(url: SplitResult) -> Options:
    pairs = parse_qsl(url.query, keep_blank_values=True)
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(f"the URL gives the option {twice[0]!r} twice")
    return dict(pairs)


def _nothing_left(options: Mapping[str, object], where: str) -> None:
    if options:
        raise ConfigurationError(f"unknown option {sorted(options)[0]!r} for {where}")


def boolean(options: Options, name: str, default: bool) -> bool:
    """Take a yes-or-no option out of `options`."""
    value = options.pop(name, default)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false", "1", "0", "yes", "no"):
        return value.lower() in ("true", "1", "yes")
    raise ConfigurationError(f"{name} must be true or false, not {value!r}")


def _file(url: SplitResult, clock: Clock, options: Options) -> Store:
    from coordination.stores.file.store import FileStore

    durable = boolean(options, "durable", True)
    _nothing_left(options, "files")
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


_memories: dict[tuple[int, str], Store] = {}
"""By process as well: a child of fork inherits a copy, which would exclude nobody in its parent."""


def _memory(url: SplitResult, clock: Clock, options: Options) -> Store:
    from coordination.stores.memory import MemoryStore

    _nothing_left(options, "memory")
    name = url.netloc + url.path
    if not name:
        return MemoryStore(clock)
    # No mutex, which a child of fork could inherit locked: setdefault is atomic.
    return _memories.setdefault((os.getpid(), name), MemoryStore(clock))


def _openers() -> dict[str, Opener]:
    """By scheme; stores from other distributions come by the entry point group `coordination.stores`."""
    from importlib.metadata import entry_points

    found: dict[str, Opener] = {
        entry.name: functools.partial(_loaded, entry) for entry in entry_points(group=ENTRY_POINTS)
    }
    return {**found, "file": _file, "memory": _memory}


def _loaded(entry: EntryPoint, url: SplitResult, clock: Clock, options: Options) -> Store:
    store = entry.load()(url, clock, options)
    if not isinstance(store, Store):
        raise ConfigurationError(f"the entry point {entry.value!r} did not answer a Store")
    return store
