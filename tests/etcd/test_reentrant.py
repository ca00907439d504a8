"""Ending a watch on the very thread that is beginning one: signal handlers and garbage collection do that."""

from __future__ import annotations

import threading

import pytest

from coordination.clock import SystemClock
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.streaming import Outbox
from coordination.stores.etcd.watched import Place
from coordination.stores.etcd.watches import Watches
from tests.etcd.scripted import Cluster, Member, header


def test_a_watch_is_ended_while_another_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """It waited for a lock that its own thread held, and with it every other watch and the heartbeat."""
    member = Member()
    watches = Watches(SystemClock(), Cluster(a=member).connection())
    ended = threading.Event()

    def begin() -> None:
        old = watches.begin(Place(b"/leases/old"), lambda _key, _index: None, 10.0)
        put = Outbox.put

        def interrupted(outbox: Outbox, **fields: object) -> None:
            monkeypatch.setattr(Outbox, "put", put)
            old.close()
            put(outbox, **fields)

        monkeypatch.setattr(Outbox, "put", interrupted)
        watches.begin(Place(b"/leases/new"), lambda _key, _index: None, 10.0)
        ended.set()

    threading.Thread(target=begin, daemon=True).start()
    stream = member.streams.get(timeout=10.0)
    for _ in range(3):
        request = stream.asked()
        if request.HasField("create_request"):
            number = request.create_request.watch_id
            stream.say(message("WatchResponse")(header=header(), watch_id=number, created=True))
    assert ended.wait(10.0), "the thread waits for itself"
    watches.close()
