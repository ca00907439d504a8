"""Watching a thousand leases, or beside a busy stranger, on a real Consul: what it costs."""

from __future__ import annotations

import time

import pytest

from coordination.record import Record
from coordination.store import Swap
from coordination.stores.consul.folds import FASTEST
from integration.consul.watchers import (
    SOON,
    Told,
    every,
    leases,
    moved,
    stores,
    threads,
    watch_requests,
)
from integration.servers.cluster_suite import eventually
from integration.servers.consul import ConsulCluster
from integration.servers.http_proxy import HttpProxy

pytestmark = [pytest.mark.xdist_group("consul-watch-load"), pytest.mark.untraced]

MANY = 1000


def test_a_thousand_guarded_keys(node: ConsulCluster) -> None:
    """One thread; no requests while nothing happens; a steal is told; rationed while much is rewritten."""
    told = Told()
    with HttpProxy(node.endpoints[0]) as way, stores(way.endpoint, node.endpoints[0]) as (store, thief):
        records = leases(store, MANY)
        for record in records:
            store.watch(record.key, record.index, told, timeout=10.0)
        assert eventually(lambda: threads() == 1)

        before = watch_requests(way)
        time.sleep(3.0)
        assert watch_requests(way) - before <= 1
        assert told.news == []

        stolen = moved(thief, records[700])
        assert told.within(SOON, stolen.key, stolen.index)
        records[700] = stolen

        before, began = watch_requests(way), time.monotonic()
        for _ in range(3):
            swaps = [
                Swap(record.key, b"", store.open_session(60.0, timeout=10.0), record.index)
                for record in records[:64]
            ]
            records[:64] = [it for it in store.replace_all(swaps, timeout=10.0) if isinstance(it, Record)]
            assert len(records) == MANY
            time.sleep(2.0)
        assert watch_requests(way) - before <= 21 + (time.monotonic() - began)
        assert threads() == 1


def test_a_busy_stranger_in_the_folder(node: ConsulCluster) -> None:
    """A key with its own query is not woken by others; folded ones cost few requests, and are told too."""
    told = Told()
    with HttpProxy(node.endpoints[0]) as way, stores(way.endpoint, *node.endpoints * 2) as found:
        store, thief, stranger = found
        records = leases(thief, 40)
        busy = leases(stranger, 1, "busy")

        def rewrite() -> None:
            busy[0] = moved(stranger, busy[0])

        with every(0.005, rewrite):
            alone = store.watch(records[0].key, records[0].index, told, timeout=10.0)
            before = watch_requests(way)
            time.sleep(2.0)
            assert watch_requests(way) - before <= 1
            records[0] = moved(thief, records[0])
            assert told.within(SOON, records[0].key, records[0].index)
            alone.close()

            for record in records:
                store.watch(record.key, record.index, told, timeout=10.0)
            before, began = watch_requests(way), time.monotonic()
            time.sleep(5.0)
            asked = watch_requests(way) - before
            assert asked <= 21 + (time.monotonic() - began) * FASTEST + 2
            stolen = moved(thief, records[30])
            assert told.within(5 * SOON, stolen.key, stolen.index)
