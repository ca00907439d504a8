"""The queue of a name on a store without fast paths: the same answers, in more requests."""

from __future__ import annotations

import pytest

from coordination.contention import Standing
from coordination.errors import OutcomeUnknown, StoreUnavailable
from coordination.record import Session
from coordination.sharing.asking import contenders
from coordination.sharing.place import LEAVING
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock
from tests.sharing.bench import TTL, Bench, Remembering, folder
from tests.sharing.broken import Corrupt

A = folder("a")


@pytest.fixture
def session(plain: Bench) -> Session:
    """One of our own."""
    return plain.inner.open_session(TTL, timeout=1.0)


def entered(bench: Bench, session: Session, name: str = "x.1") -> Standing:
    """One more in the queue."""
    standing = bench.sharing.asking.enter(A + name, b"{}", session, alone=False, timeout=1.0)
    assert standing is not None
    return standing


def test_who_is_ahead_nearest_first(plain: Bench, session: Session) -> None:
    """All of them, the one just before us at the head of the list."""
    assert entered(plain, session, "z.1").ahead == ()
    entered(plain, session, "m.1")
    assert entered(plain, session, "a.1").ahead == (f"{A}m.1", f"{A}z.1")


def test_strangers_and_what_lies_deeper_do_not_stand_in_it(plain: Bench, session: Session) -> None:
    """Data without a session, and keys of another form, hold nobody up."""
    plain.inner.create(f"{A}deeper/x.1", b"{}", session, timeout=1.0)
    mine = entered(plain, session)
    assert mine.ahead == ()
    records = plain.inner.list(A, timeout=1.0)
    assert [it.key for it in contenders(records, A)] == [mine.record.key]


def test_breaker_4_a_look_that_fails_after_the_record_was_written(plain: Bench) -> None:
    """It was taken for 'not written', and the record headed the queue for ever; now it is removed."""
    shared = plain.shared()
    place = shared.place(A, None)
    plain.connection.refuse("list")
    with pytest.raises(OutcomeUnknown):
        place.enter(b"{}", alone=False, timeout=1.0)
    assert (place.state, plain.stored()) == (LEAVING, [place.key])
    plain.clean()
    assert plain.stored() == []


def test_breaker_4_nobody_waits_behind_his_own_ghost(plain: Bench) -> None:
    """An acquisition whose look failed has the lock at its next try."""
    plain.connection.refuse("list")
    task = plain.acquiring(timeout=30.0)
    assert not task.done
    plain.clean()
    plain.let_pass(1.0)
    place = task.to_the_end()
    assert plain.stored() == [place.key]


def test_a_create_that_was_refused_is_no_doubt(plain: Bench, session: Session) -> None:
    """Nothing was written, and that is what is said."""
    plain.connection.refuse("create")
    with pytest.raises(StoreUnavailable):
        plain.sharing.asking.enter(f"{A}x.1", b"{}", session, alone=False, timeout=1.0)
    assert plain.inner.read(f"{A}x.1", timeout=1.0) is None


def test_a_key_that_somebody_has(plain: Bench, session: Session) -> None:
    """None, as from a store with the fast path."""
    entered(plain, session)
    assert plain.sharing.asking.enter(f"{A}x.1", b"{}", session, alone=False, timeout=1.0) is None


@pytest.mark.parametrize("again", [False, True], ids=["gone", "another under its key"])
def test_our_own_record_is_gone(plain: Bench, session: Session, again: bool) -> None:
    """None, also where the key is another's by now."""
    mine = entered(plain, session)
    plain.remove(mine.record.key)
    if again:
        entered(plain, session)
    assert plain.sharing.asking.standing(mine, timeout=1.0) is None


def test_our_own_record_hangs_on_another_session(plain: Bench, session: Session) -> None:
    """A stranger took it over: it is not ours any more."""
    mine = entered(plain, session)
    theirs = plain.inner.open_session(TTL, timeout=1.0)
    plain.inner.replace(mine.record.key, b"!", theirs, mine.record.index, timeout=1.0)
    assert plain.sharing.asking.standing(mine, timeout=1.0) is None


def test_when_the_one_ahead_expires(plain: Bench, session: Session) -> None:
    """Where no store tells of expiry, the answer says when to look again: by the nearest one."""
    short = plain.inner.open_session(3.0, timeout=1.0)
    entered(plain, session, "z.1")
    entered(plain, short, "y.1")
    assert entered(plain, session).left == pytest.approx(3.0)


def test_a_store_that_tells_of_expiry_gives_no_such_hint() -> None:
    """Nobody need look before he is told."""

    class Telling(MemoryStore):
        capabilities = Remembering.capabilities.__class__(notices_expiry=True)

    clock = FakeClock()
    bench = Bench(Telling(clock), clock, plain=True)
    session = bench.inner.open_session(TTL, timeout=1.0)
    entered(bench, session, "z.1")
    assert entered(bench, session).left is None


def test_a_proof_one_by_one(plain: Bench, session: Session) -> None:
    """Gone is what is not there as created then, on our session; what is there in doubt is a stray."""
    there, gone, stolen = (entered(plain, session, f"{it}.1").record for it in "abc")
    plain.remove(gone.key)
    theirs = plain.inner.open_session(TTL, timeout=1.0)
    plain.inner.replace(stolen.key, b"!", theirs, stolen.index, timeout=1.0)
    stray = entered(plain, session, "s.1").record
    expected = {it.key: it.created for it in (there, gone, stolen)}
    doubtful = frozenset({stray.key, f"{A}never.1"})
    proof = plain.sharing.asking.prove(session, expected, doubtful, timeout=1.0)
    assert proof.gone == {gone.key, stolen.key}
    assert dict(proof.strays) == {stray.key: stray.index}


def test_a_record_that_makes_no_sense_is_gone(plain: Bench, session: Session) -> None:
    """A stranger wrote rubbish over it: that is no proof of ours."""
    mine = entered(plain, session).record
    plain.connection.before("read", Corrupt())
    proof = plain.sharing.asking.prove(session, {mine.key: mine.created}, frozenset(), timeout=1.0)
    assert proof.gone == {mine.key}
