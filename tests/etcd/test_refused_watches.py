"""Watches that etcd refuses: it gives them no number, and answers in the order of the requests."""

from __future__ import annotations

from typing import Any

import pytest

from coordination.clock import SystemClock
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.watched import Place, Unconfirmed, Watched
from coordination.stores.etcd.watches import Watches
from tests.etcd.scripted import SILENT, Cluster, Member
from tests.etcd.test_watches import DENIED, Beginning, said, stream_of, wanted


def answered(number: int, *, created: bool = True) -> Any:
    return message("WatchResponse")(watch_id=number, created=created)


def test_a_refusal_is_of_the_first_that_waits() -> None:
    """The others are still waiting for theirs."""
    waiting = Unconfirmed()
    for number in (5, 6, 7, 8):
        waiting.asked(number)
    assert [waiting.meant(answered(each)) for each in (5, -1, 7, -1)] == [5, 6, 7, 8]


def test_confirmations_in_another_order() -> None:
    """A proxy may mix them up: who is named is meant."""
    waiting = Unconfirmed()
    for number in (5, 6, 7):
        waiting.asked(number)
    assert [waiting.meant(answered(each)) for each in (6, 5, -1)] == [6, 5, 7]


@pytest.mark.parametrize("number", [5, -1])
def test_what_nobody_waits_for(number: int) -> None:
    """Events, cancellations and lies are left as they are."""
    waiting = Unconfirmed()
    assert waiting.meant(answered(number)) == number
    waiting.asked(6)
    assert waiting.meant(answered(number, created=False)) == number
    assert waiting.meant(answered(9)) == 9
    assert waiting.meant(answered(-1)) == 6


def test_each_refusal_may_be_the_tokens_fault() -> None:
    """A watch that was confirmed since then has a right to a new token again."""
    watched = Watched(1, Place(b"key"), lambda _key, _index: None, lambda _watched: None)
    watched.doubted = True
    watched.confirmed(5)
    assert not watched.doubted


def test_a_token_that_nobody_could_give_is_no_refusal() -> None:
    """etcd was too slow to give a new one, and the old one, refused again, passed for a lack of rights."""
    member = Member()
    watches = Watches(SystemClock(), Cluster(a=member).connection(password="secret"))
    try:
        beginning = Beginning(watches)
        stream, yes = stream_of(member), member.script
        number = wanted(stream).watch_id
        member.script = lambda _name, _request: SILENT
        stream.say(said(number, created=True, canceled=True, cancel_reason=DENIED))
        again = stream_of(member)
        number = wanted(again).watch_id
        member.script = yes
        again.say(said(number, created=True, canceled=True, cancel_reason=DENIED))
        renewed = stream_of(member)
        renewed.say(said(wanted(renewed).watch_id, created=True))
        assert beginning.done().error is None
        assert member.calls.count("Authenticate") == 3
    finally:
        watches.close()
