"""The front door: from a URL to a manager. Everything it takes is loaded at the first call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coordination.clock import Clock, default_clock
from coordination.errors import ConfigurationError
from coordination.forking import NO_FORK
from coordination.store import Store
from coordination.timing import Seconds, positive

TIMEOUT = 5.0
"""Seconds one request to the store may take by default."""

if TYPE_CHECKING:
    from coordination.manager import Manager


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

    `target` is a URL (`file:///folder`, `etcd://host:port,host:port/prefix`, `etcds://` for TLS,
    `consul://host:port,host:port/prefix`, `consuls://`, `memory://`, `memory://NAME`), a `Store`, a
    client of `etcd3`, `pyetcd`, `python-consul` or `py-consul`, or None for `COORDINATION_URL`, else
    files in the user's state folder. `memory://NAME` is one store in one process; a child of fork gets
    a fresh one. `options` are the store's own and may also stand in the URL's query: `durable` for files
    (True: survive a power failure); for etcd and Consul `cacert`, `cert`, `key` (paths of PEM files);
    for etcd `user`, `password`, `plaintext_password` (True: allow one without TLS); for Consul `dc`,
    `token_file`, `lock_delay` (seconds), `consul_namespace`, and, in no URL, `token`; with a client
    also `prefix`, what a URL's path is.

    `timeout` bounds each request, in seconds. `machine_id` is what people read, by default the host
    name. With `stall_after`, a kept lease whose owner has not called `progress()` for so many
    seconds is renewed no more. Nothing is contacted before the first call that needs the store.
    Raises `ConfigurationError`, before any I/O, for anything that can never work.
    """
    with NO_FORK:
        import socket

        from coordination import arguments
        from coordination.hooks import Events
        from coordination.manager import Manager
        from coordination.record import encode_segment
        from coordination.target import store_at

    encode_segment(namespace, "namespace")
    if clock is not None and not isinstance(clock, Clock):
        raise ConfigurationError(f"clock must have now, wall, wait and sleep; {clock!r} has not")
    ticking = clock or default_clock()
    store = store_at(target, ticking, options)
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
