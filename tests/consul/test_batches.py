"""Many renewals in few transactions: what is asked together, what alone, and what each is told."""

from __future__ import annotations

import itertools
import json

from coordination.errors import OutcomeUnknown, PermissionDenied, SessionLost, StoreUnavailable
from coordination.record import Record, Session
from coordination.store import Swap, Swapped
from coordination.stores.consul.batches import HEAVIEST, MOST, Batches
from coordination.stores.consul.history import History
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.message import Request
from coordination.stores.consul.sessions import Sessions
from coordination.stores.consul.transactions import Transactions
from tests.consul.scripted import (
    SESSION,
    SILENT,
    Say,
    Script,
    ScriptedAgent,
    cluster,
    done,
    entry,
    failed,
    said,
)

OURS = Session(SESSION, 10.0)


def swap(number: int, index: int = 5, value: bytes = b"{}") -> Swap:
    """Of the lease with this number."""
    return Swap(f"/leases/{number}", value, OURS, index)


class World:
    """Batches on one agent; remembers which swaps were done alone, and which records were seen."""

    def __init__(self, *script: Say | Script) -> None:
        self.agent = ScriptedAgent(*script)
        on = cluster(self.agent)
        self.alone: list[str] = []
        self.seen: list[Record] = []
        self.answer: Swapped = None
        transactions, sessions = Transactions(on, History()), Sessions(on, 0.0)
        self.batches = Batches(transactions, sessions, Keys("p"), self._by_itself, self._note)

    def _by_itself(
        self, key: str, _value: bytes, _session: Session, _index: int, *, timeout: float
    ) -> Record | None:
        assert timeout > 0
        self.alone.append(key)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def _note(self, record: Record) -> Record:
        self.seen.append(record)
        return record


INDEX = itertools.count(9)


def applied(request: Request) -> Say:
    """Consul's answer: an entry for each operation, at an index of the transaction's own."""
    index = next(INDEX)
    steps = json.loads(request.body or b"[]")
    return done(*(entry(step["KV"]["Key"], index, CreateIndex=3) for step in steps))


def test_many_in_few() -> None:
    """Two operations each, as many as a transaction takes; each answer in its place."""
    world = World(applied)
    swaps = [swap(number) for number in range(2 * MOST + 1)]
    answers = world.batches.replace(swaps, 5.0)
    assert [len(body) for body in world.agent.bodies] == [2 * MOST, 2 * MOST, 2]
    first = world.seen[0].index
    assert answers == [
        Record(each.key, b"{}", 3, first + number // MOST, SESSION, 10.0) for number, each in enumerate(swaps)
    ]
    assert world.seen == answers
    assert world.alone == []


def test_heavy_ones_are_spread() -> None:
    """Consul refuses a transaction that is too large: all of it."""
    world = World(applied)
    swaps = [swap(number, value=bytes(HEAVIEST // 3 + 1)) for number in range(5)]
    assert all(isinstance(answer, Record) for answer in world.batches.replace(swaps, 5.0))
    assert [len(body) // 2 for body in world.agent.bodies] == [2, 2, 1]


def test_one_that_fails_is_done_alone() -> None:
    """The others go together a second time, without it."""
    world = World(failed((2, "failed index check")), applied)
    answers = world.batches.replace([swap(number) for number in range(3)], 5.0)
    assert [type(answer) for answer in answers] == [Record, type(None), Record]
    assert world.alone == ["/leases/1"]
    assert [len(body) for body in world.agent.bodies] == [6, 4]


def test_what_fails_twice_is_done_alone() -> None:
    """At most two transactions for a row, whatever befalls it."""
    world = World(failed((0, "failed index check")), failed((1, "lock is already held")))
    world.answer = SessionLost("it is dead")
    answers = world.batches.replace([swap(number) for number in range(3)], 5.0)
    assert world.alone == ["/leases/0", "/leases/1", "/leases/2"]
    assert [type(answer) for answer in answers] == [SessionLost] * 3
    assert len(world.agent.asked) == 2


def test_an_unknown_outcome_is_that_of_all() -> None:
    """Nothing is asked again: each may have been applied."""
    world = World(SILENT)
    answers = world.batches.replace([swap(number) for number in range(3)], 5.0)
    assert [type(answer) for answer in answers] == [OutcomeUnknown] * 3
    assert (len(world.agent.asked), world.alone, world.seen) == (1, [], [])


def test_a_refusal_is_that_of_all() -> None:
    """And asked once."""
    world = World(failed((0, "Permission denied")))
    answers = world.batches.replace([swap(number) for number in range(3)], 5.0)
    assert [type(answer) for answer in answers] == [PermissionDenied] * 3
    assert (len(world.agent.asked), world.alone) == (1, [])


def test_an_answer_to_something_else() -> None:
    """Fewer entries than were asked for: nobody can say."""
    world = World(done(entry("p/@/leases/0", 9)))
    assert [type(it) for it in world.batches.replace([swap(0), swap(1)], 5.0)] == [OutcomeUnknown] * 2


def test_what_can_never_be_together() -> None:
    """Index 0, which to Consul means that there is none, and a session that it never made."""
    world = World(applied)
    strange = Swap("/leases/1", b"", Session("strange", 10.0), 5)
    answers = world.batches.replace([swap(0, index=0), strange, swap(2)], 5.0)
    assert world.alone == ["/leases/0", "/leases/1"]
    assert isinstance(answers[2], Record)


def test_renewals_are_told_one_by_one() -> None:
    """Renewed, lost, could not tell: each in its place, however many lanes they take."""
    sessions = [Session(f"7fffffff-0000-4000-8000-{number:012x}", 10.0) for number in range(30)]

    def answer(request: Request) -> Say:
        session = request.path.rsplit("/", 1)[1]
        number = int(session[-12:], 16)
        if number % 3 == 1:
            return said("gone", 404)
        return SILENT if number % 3 == 2 else said([{"ID": session}])

    told = World(answer).batches.renew(sessions, 5.0)
    for number, session in enumerate(sessions):
        if number % 3 == 2:
            assert isinstance(told[number], OutcomeUnknown)
        else:
            assert told[number] == (session if number % 3 == 0 else None)


def test_no_time_no_request() -> None:
    """What cannot be asked in time is not applied."""
    world = World(applied)
    assert [type(it) for it in world.batches.renew([OURS] * 2, 0.0)] == [StoreUnavailable] * 2
    assert world.agent.asked == []
