"""Watches on one stream: from which revision, what a lost stream or history means, when nothing is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coordination.clock import SystemClock
from coordination.errors import PermissionDenied, StoreUnavailable
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.schema import DELETE
from coordination.stores.etcd.watched import Place, Watched
from coordination.stores.etcd.watches import Watches
from tests.etcd.scripted import LEADERLESS, Cluster, Member, ScriptedStream, header

PATIENCE = 10.0
KEY = b"/leases/a"
DENIED = "rpc error: code = PermissionDenied desc = etcdserver: permission denied"


def said(number: int, revision: int = 10, **fields: Any) -> Any:
    return message("WatchResponse")(header=header(revision), watch_id=number, **fields)


def event(revision: int, kind: int = 0) -> Any:
    return {"type": kind, "kv": {"key": KEY, "mod_revision": revision}}


class Beginning:
    """One call to `begin` on a thread of its own, and what it is told later."""

    def __init__(self, watches: Watches, timeout: float = PATIENCE) -> None:
        self.told: list[tuple[bytes, int]] = []
        self.watched: Watched | None = None
        self.error: Exception | None = None
        self._thread = threading.Thread(target=lambda: self._run(watches, timeout), daemon=True)
        self._thread.start()

    def _run(self, watches: Watches, timeout: float) -> None:
        try:
            self.watched = watches.begin(Place(KEY), lambda *news: self.told.append(news), timeout)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            self.error = error

    def done(self) -> Beginning:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "begin did not come back"
        return self


@pytest.fixture
def member() -> Member:
    return Member()


@pytest.fixture
def watches(member: Member) -> Iterator[Watches]:
    opened = Watches(SystemClock(), Cluster(a=member).connection(password="secret"))
    yield opened
    opened.close()


def stream_of(member: Member) -> ScriptedStream:
    return member.streams.get(timeout=PATIENCE)


def wanted(stream: ScriptedStream) -> Any:
    return stream.asked().create_request


def eventually(condition: Callable[[], object]) -> bool:
    pause = threading.Event()
    return any(condition() or pause.wait(0.01) for _ in range(int(PATIENCE * 100)))


def begun(watches: Watches, member: Member) -> tuple[Beginning, ScriptedStream, int]:
    """A watch under way at revision 10."""
    beginning = Beginning(watches)
    stream = stream_of(member)
    request = wanted(stream)
    stream.say(said(request.watch_id, created=True))
    assert beginning.done().watched is not None
    return beginning, stream, request.watch_id


def test_a_watch_begins_at_the_present(watches: Watches, member: Member) -> None:
    """The 100 ms trap: a new watch asks for revision 0, never for one that is past."""
    beginning = Beginning(watches)
    stream = stream_of(member)
    request = wanted(stream)
    assert (request.key, request.start_revision) == (KEY, 0)
    stream.say(said(request.watch_id, created=True))
    watched = beginning.done().watched
    assert watched is not None
    assert watched.revision == 10


def test_events_are_told(watches: Watches, member: Member) -> None:
    """A put with its revision, a delete with 0."""
    beginning, stream, number = begun(watches, member)
    stream.say(said(number, 12, events=[event(11), event(12, DELETE)]))
    assert eventually(lambda: len(beginning.told) == 2)
    assert beginning.told == [(KEY, 11), (KEY, 0)]


def test_after_a_lost_stream_nothing_is_missed(watches: Watches, member: Member) -> None:
    """Pitfall 19: the watch goes on from the revision after its last event, on another stream."""
    beginning, stream, number = begun(watches, member)
    stream.say(said(number, 15, events=[event(15)]))
    assert eventually(lambda: beginning.told)
    stream.fail(LEADERLESS)
    again = stream_of(member)
    assert wanted(again).start_revision == 16
    again.say(said(number, 30, created=True))
    again.say(said(number, 30, events=[event(16, DELETE)]))
    assert eventually(lambda: len(beginning.told) == 2)
    assert beginning.told[-1] == (KEY, 0)


def test_a_confirmation_does_not_skip_events(watches: Watches, member: Member) -> None:
    """On the second stream the confirmation bears today's revision, with older events still to come."""
    _, stream, number = begun(watches, member)
    stream.fail(LEADERLESS)
    second = stream_of(member)
    assert wanted(second).start_revision == 11
    second.say(said(number, 99, created=True))
    second.fail(LEADERLESS)
    third = stream_of(member)
    assert wanted(third).start_revision == 11


def test_compacted_history_is_told(watches: Watches, member: Member) -> None:
    """Pitfall 20: where etcd cannot say what happened, the subscriber is told to look, and watched on."""
    beginning, stream, number = begun(watches, member)
    stream.fail(LEADERLESS)
    again = stream_of(member)
    wanted(again)
    again.say(said(number, 50, created=True))
    again.say(said(number, 50, canceled=True, compact_revision=40))
    request = wanted(again)
    assert (request.start_revision, beginning.told) == (0, [(b"", 0)])
    again.say(said(request.watch_id, 51, created=True))
    again.say(said(request.watch_id, 52, events=[event(52)]))
    assert eventually(lambda: beginning.told[1:] == [(b"", 0), (KEY, 52)]), "not told again once it began"


def test_a_denied_watch_is_tried_with_a_new_token_first(watches: Watches, member: Member) -> None:
    """Pitfall 33: etcd says "denied" of an old token too; said twice, it is meant."""
    beginning = Beginning(watches)
    stream = stream_of(member)
    stream.say(said(wanted(stream).watch_id, created=True, canceled=True, cancel_reason=DENIED))
    again = stream_of(member)
    again.say(said(wanted(again).watch_id, created=True, canceled=True, cancel_reason=DENIED))
    assert isinstance(beginning.done().error, PermissionDenied)
    assert member.calls.count("Authenticate") == 2


def test_an_unconfirmed_watch_is_an_error(watches: Watches, member: Member) -> None:
    """Nobody waits longer than its timeout, and nothing of it stays behind."""
    beginning = Beginning(watches, timeout=2.0).done()
    assert isinstance(beginning.error, StoreUnavailable)
    stream = stream_of(member)
    number = wanted(stream).watch_id
    assert stream.asked().cancel_request.watch_id == number


def test_a_closed_watch_is_told_nothing(watches: Watches, member: Member) -> None:
    """etcd is asked to end it; what is under way is not told any more."""
    beginning, stream, number = begun(watches, member)
    assert beginning.watched is not None
    beginning.watched.close()
    assert stream.asked().cancel_request.watch_id == number
    stream.say(said(number, 20, events=[event(20)]))
    other = Beginning(watches)  # Once this one is confirmed, the event before it has been read.
    stream.say(said(wanted(stream).watch_id, 21, created=True))
    other.done()
    assert beginning.told == []


def test_watches_share_the_stream(watches: Watches, member: Member) -> None:
    """Each is told of its own alone."""
    first, stream, _ = begun(watches, member)
    second = Beginning(watches)
    number = wanted(stream).watch_id
    stream.say(said(number, 11, created=True))
    second.done()
    stream.say(said(number, 12, events=[event(12)]))
    assert eventually(lambda: second.told)
    assert (first.told, second.told, member.streams.empty()) == ([], [(KEY, 12)], True)


def test_closing_ends_the_threads(watches: Watches, member: Member) -> None:
    """The stream is cancelled, its reader ends, and a new watch is refused."""
    stream, before = begun(watches, member)[1], threading.active_count()
    watches.close()
    assert eventually(lambda: stream.cancelled and threading.active_count() < before)
    assert isinstance(Beginning(watches).done().error, StoreUnavailable)
