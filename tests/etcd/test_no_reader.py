"""A thread that cannot be started: the system has no more, for a moment."""

from __future__ import annotations

import threading

import pytest

from coordination.clock import SystemClock
from coordination.errors import StoreUnavailable
from coordination.stores.etcd import keepalives as module
from coordination.stores.etcd.keepalives import Keepalives
from coordination.stores.etcd.messages import message
from tests.etcd.scripted import Cluster, Member


def test_keepalives_recover_from_a_thread_that_did_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream that nobody reads is not used; the next call opens one that somebody does."""
    member = Member()
    keepalives = Keepalives(SystemClock(), Cluster(a=member).connection())

    def failing(_target: object, _name: str) -> threading.Thread:
        monkeypatch.undo()
        raise StoreUnavailable("no thread")

    monkeypatch.setattr(module, "started", failing)
    [first] = keepalives.renew([7], timeout=10.0)
    assert isinstance(first, StoreUnavailable)
    assert member.streams.get(timeout=10.0).cancelled
    answers: list[object] = []
    asking = threading.Thread(target=lambda: answers.extend(keepalives.renew([7], timeout=10.0)), daemon=True)
    asking.start()
    stream = member.streams.get(timeout=10.0)
    assert stream.asked().ID == 7
    stream.say(message("LeaseKeepAliveResponse")(ID=7, TTL=5))
    asking.join(10.0)
    assert answers == [5]
    keepalives.close()
