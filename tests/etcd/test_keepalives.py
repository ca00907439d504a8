"""Keepalives on one stream: whose answer is whose, and what the end of a stream means to those in line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coordination.clock import SystemClock
from coordination.errors import OutcomeUnknown, StoreUnavailable
from coordination.stores.etcd.keepalives import Keepalives
from coordination.stores.etcd.messages import message
from tests.etcd.scripted import LEADERLESS, Cluster, Member, ScriptedStream

PATIENCE = 10.0


def answer(lease: int, ttl: int) -> Any:
    return message("LeaseKeepAliveResponse")(ID=lease, TTL=ttl)


class Asking:
    """One call to `renew` on a thread of its own."""

    def __init__(self, keepalives: Keepalives, leases: list[int], timeout: float = PATIENCE) -> None:
        self._answers: list[Any] = []
        self._thread = threading.Thread(target=lambda: self._run(keepalives, leases, timeout), daemon=True)
        self._thread.start()

    def _run(self, keepalives: Keepalives, leases: list[int], timeout: float) -> None:
        self._answers = keepalives.renew(leases, timeout)

    @property
    def waiting(self) -> bool:
        return self._thread.is_alive()

    def answers(self) -> list[Any]:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "renew did not come back"
        return self._answers


@pytest.fixture
def member() -> Member:
    return Member()


@pytest.fixture
def keepalives(member: Member) -> Iterator[Keepalives]:
    opened = Keepalives(SystemClock(), Cluster(a=member).connection())
    yield opened
    opened.close()


def stream_of(member: Member) -> ScriptedStream:
    return member.streams.get(timeout=PATIENCE)


def asked(stream: ScriptedStream, count: int) -> list[int]:
    return [stream.asked().ID for _ in range(count)]


def test_answers_come_in_the_order_of_the_requests(member: Member, keepalives: Keepalives) -> None:
    """Each lease gets its own ttl, a dead one 0."""
    asking = Asking(keepalives, [11, 22, 33])
    stream = stream_of(member)
    assert asked(stream, 3) == [11, 22, 33]
    for lease, ttl in ((11, 5), (22, 0), (33, 7)):
        stream.say(answer(lease, ttl))
    assert asking.answers() == [5, 0, 7]


def test_a_late_answer_is_not_taken_for_the_next_one(member: Member, keepalives: Keepalives) -> None:
    """Pitfall 3: the answer to a request that was given up extends nothing, and shifts nobody's place."""
    opening = Asking(keepalives, [11])
    stream = stream_of(member)
    assert asked(stream, 1) == [11]
    stream.say(answer(11, 5))
    assert opening.answers() == [5]
    given_up = keepalives.renew([11], timeout=0.1)
    assert isinstance(given_up[0], OutcomeUnknown)
    unanswered = asked(stream, stream.unasked)
    asking = Asking(keepalives, [11])
    assert asked(stream, 1) == [11]
    for lease in unanswered:
        stream.say(answer(lease, 5))
    asking._thread.join(0.3)
    assert asking.waiting, "an answer to an earlier request passed for its own"
    stream.say(answer(11, 9))
    assert asking.answers() == [9]


def test_an_answer_for_a_strange_lease_ends_the_stream(member: Member, keepalives: Keepalives) -> None:
    """A server that answers what nobody asked is not believed; the request goes over another stream."""
    asking = Asking(keepalives, [11])
    first = stream_of(member)
    assert asked(first, 1) == [11]
    first.say(answer(99, 5))
    second = stream_of(member)
    assert first.cancelled
    assert asked(second, 1) == [11]
    second.say(answer(11, 6))
    assert asking.answers() == [6]


def test_the_loss_of_a_stream_is_settled_on_the_next(member: Member, keepalives: Keepalives) -> None:
    """Those that were answered keep their answers; the others are asked again."""
    asking = Asking(keepalives, [11, 22])
    first = stream_of(member)
    assert asked(first, 2) == [11, 22]
    first.say(answer(11, 5))
    first.fail(LEADERLESS)
    second = stream_of(member)
    assert asked(second, 1) == [22]
    second.say(answer(22, 6))
    assert asking.answers() == [5, 6]


def test_nobody_answers_without_a_stream(member: Member, keepalives: Keepalives) -> None:
    """Where none can be opened, each answer says so, within the timeout."""
    member.statuses = [LEADERLESS]
    answers = keepalives.renew([11, 22], timeout=0.3)
    assert [type(answer) for answer in answers] == [StoreUnavailable, StoreUnavailable]


def test_callers_side_by_side_share_the_stream(member: Member, keepalives: Keepalives) -> None:
    """Eight threads, one stream, and each its own answers, also for the same lease."""
    askings = [Asking(keepalives, [7, number]) for number in range(100, 108)]
    stream = stream_of(member)
    for lease in asked(stream, 16):
        stream.say(answer(lease, lease))
    assert sorted(asking.answers()[1] for asking in askings) == list(range(100, 108))
    assert {asking.answers()[0] for asking in askings} == {7}
    assert member.streams.empty()


def test_a_silent_member_is_left(keepalives: Keepalives, member: Member) -> None:
    """Pitfall 16: a stream that says nothing is given up with its connection, within the timeout."""
    answers = keepalives.renew([11], timeout=4.0)
    assert isinstance(answers[0], (OutcomeUnknown, StoreUnavailable))
    assert stream_of(member).cancelled
    assert member.calls.count("Status") >= 2, "the next try was not on a fresh connection"


def test_a_slow_member_is_waited_for(keepalives: Keepalives, member: Member) -> None:
    """As long as answers come, a large batch is not asked for twice."""
    asking = Asking(keepalives, list(range(1, 11)))
    stream = stream_of(member)
    pause = threading.Event()
    for lease in asked(stream, 10):
        pause.wait(0.3)
        stream.say(answer(lease, 5))
    assert asking.answers() == [5] * 10
    assert stream.unasked == 0


def test_closing_ends_the_stream(keepalives: Keepalives, member: Member) -> None:
    """And its threads with it."""
    asking = Asking(keepalives, [11])
    stream = stream_of(member)
    asked(stream, 1)
    stream.say(answer(11, 5))
    asking.answers()
    before = threading.active_count()
    keepalives.close()
    assert stream.cancelled
    assert eventually(lambda: threading.active_count() < before)


def eventually(condition: Callable[[], bool]) -> bool:
    pause = threading.Event()
    return any(condition() or pause.wait(0.01) for _ in range(int(PATIENCE * 100)))
