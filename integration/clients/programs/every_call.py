"""Makes every call that our store can make, and prints the versions it was made with.

every_call.py URL
"""

from __future__ import annotations

import sys
import threading

import google.protobuf
import grpc

from coordination.record import Guard
from coordination.store import Swap
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.store import EtcdStore

SOON = 5.0


def sessions_and_records(store: EtcdStore) -> None:
    """Sessions, and what hangs on them, alone and in batches."""
    session = store.open_session(10, timeout=SOON)
    made = store.create("n/leases/a", b"1", session, timeout=SOON)
    assert made is not None
    assert store.create("n/leases/a", b"2", session, timeout=SOON) is None
    moved = store.replace("n/leases/a", b"2", session, made.index, timeout=SOON)
    assert moved is not None
    swap = Swap("n/leases/a", b"3", session, moved.index)
    [swapped] = store.replace_all([swap], timeout=SOON)
    assert swapped == store.read("n/leases/a", timeout=SOON)
    assert [record.value for record in store.list("n/leases/", timeout=SOON)] == [b"3"]
    assert store.renew_session(session, timeout=SOON) == session
    assert store.commit(Guard("n/leases/a", session.id), {"n/data/x": b"y"}, [], timeout=SOON)
    data = store.read("n/data/x", timeout=SOON)
    assert data is not None
    assert data.value == b"y"
    assert store.delete("n/data/x", data.index, timeout=SOON)
    store.close_session(session, timeout=SOON)
    assert store.renew_session(session, timeout=SOON) is None
    assert store.read("n/leases/a", timeout=SOON) is None


def watching(store: EtcdStore) -> None:
    """A watch tells of a write and of its end."""
    told: list[tuple[str, int]] = []
    gone = threading.Event()

    def notify(key: str, index: int) -> None:
        told.append((key, index))
        if not index:
            gone.set()

    session = store.open_session(10, timeout=SOON)
    subscription = store.watch("n/leases/", 0, notify, timeout=SOON)
    made = store.create("n/leases/b", b"1", session, timeout=SOON)
    assert made is not None
    assert store.end(session, "n/leases/b", made.index, timeout=SOON)
    assert gone.wait(SOON)
    subscription.close()
    assert told == [("n/leases/b", made.index), ("n/leases/b", 0)], told


def main(url: str) -> None:
    """Fails with a traceback, or ends with a line of versions."""
    store = open_store(url)
    sessions_and_records(store)
    watching(store)
    assert store.health(timeout=SOON) == []
    store.close()
    print("protobuf", google.protobuf.__version__, "grpcio", grpc.__version__)


if __name__ == "__main__":
    main(*sys.argv[1:])
