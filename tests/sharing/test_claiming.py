"""Records at keys that others want as well: had by one, given up in order, never orphaned."""

from __future__ import annotations

import pytest

from coordination.errors import OutcomeUnknown, SessionLost, StoreUnavailable
from coordination.recipes.claiming import claimed
from coordination.runtime import run
from coordination.sharing.place import GONE, HELD, LEAVING, Place
from coordination.timing import Deadline
from tests.sharing.bench import TTL, Bench

KEY = "/owners/pool/u.one"


def claim(bench: Bench, key: str = KEY) -> Place | None:
    """One try of this process."""
    bound = Deadline(bench.clock, 5.0)
    return run(claimed(bench.blocking, bench.sharing, TTL, key, lambda shared: b"{}", bound))


def test_one_has_it(bench: Bench) -> None:
    """The first one has it at once; the second is told no, and has it when the first is gone."""
    other = bench.beside()
    place = claim(bench)
    assert place is not None
    assert (place.state, place.held) == (HELD, True)
    assert claim(other) is None
    assert other.shared().places == {}
    place.shared.abandon(place)
    bench.clean()
    again = claim(other)
    assert again is not None
    assert again.created > place.created


def test_one_try_for_each_process(bench: Bench) -> None:
    """A second call of the same process does not disturb the first one's place."""
    place = claim(bench)
    assert claim(bench) is None
    assert place is not None
    assert place.held
    assert bench.shared().places == {KEY: place}


def test_unanswered_it_is_nobodys(bench: Bench) -> None:
    """It was written and nobody knew: it is removed in the background, and to be had again after that."""
    bench.connection.lose_answer("create")
    with pytest.raises(OutcomeUnknown):
        claim(bench)
    assert claim(bench) is None
    bench.clean()
    assert bench.record(KEY) is None
    again = claim(bench)
    assert again is not None
    assert again.held


def test_landing_late_it_is_taken_for_ours(bench: Bench) -> None:
    """A create that was given up lands after all, as only ours can: the next try takes it for its own."""
    bench.connection.post_late("create")
    with pytest.raises(OutcomeUnknown):
        claim(bench)
    bench.clean()
    bench.connection.deliver()
    assert bench.record(KEY) is not None
    place = claim(bench)
    assert place is not None
    found = bench.record(KEY)
    assert found is not None
    assert place.created == found.created
    bench.prove()
    assert place.held


def test_landing_late_it_is_cleared_away(bench: Bench) -> None:
    """Nobody tries again: the next beat removes it, so that it is never an orphan for as long as we live."""
    bench.connection.post_late("create")
    with pytest.raises(OutcomeUnknown):
        claim(bench)
    bench.clean()
    bench.connection.deliver()
    bench.prove()
    assert bench.record(KEY) is None


def test_refused_it_is_gone(bench: Bench) -> None:
    """Certainly not written: nothing is looked for."""
    bench.shared()
    bench.connection.refuse("create")
    with pytest.raises(StoreUnavailable):
        claim(bench)
    assert bench.shared().places == {}
    assert bench.shared().doubtful == {}


def test_on_a_session_that_has_ended_it_begins_anew(bench: Bench) -> None:
    """The session was revoked and nobody knew: another one is opened, once."""
    first = bench.shared()
    bench.inner.close_session(first.session, timeout=1.0)
    place = claim(bench)
    assert place is not None
    assert place.shared is not first
    assert first.dead == "revoked"


def test_not_for_ever(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that ends every session at once is an error, not a loop."""

    def dead(*args: object, **options: object) -> None:
        raise SessionLost("it is dead")

    monkeypatch.setattr(bench.connection, "create", dead)
    with pytest.raises(StoreUnavailable, match="as soon as they are opened"):
        claim(bench)


def test_surrendered_it_is_lost_before_it_is_free(bench: Bench) -> None:
    """Whoever held it does not believe it any more when the record is still there, and is told why."""
    place = claim(bench)
    assert place is not None
    told: list[str] = []
    place.fate.listen(lambda _place, reason: told.append(reason))
    place.shared.surrender(place, "stolen")
    assert (place.held, place.lost, place.state) == (False, "stolen", LEAVING)
    assert bench.record(KEY) is not None
    for call in bench.told:
        call()
    assert told == ["stolen"]
    bench.clean()
    assert bench.record(KEY) is None
    assert (place.state, place.lost) == (GONE, "stolen")


def test_surrendered_once(bench: Bench) -> None:
    """What was given back, or lost, before stays so."""
    place = claim(bench)
    assert place is not None
    place.shared.surrender(place, "stolen")
    place.shared.surrender(place, "closed")
    bench.clean()
    assert place.lost == "stolen"


def test_a_surrendered_one_is_no_loss_to_the_proof(bench: Bench) -> None:
    """While it is on its way out a beat neither expects it nor reports it."""
    place = claim(bench)
    assert place is not None
    place.shared.surrender(place, "stolen")
    before = list(bench.events)
    bench.prove()
    assert bench.events == before
    assert place.lost == "stolen"


def test_in_doubt_nobody_elses_record_is_removed(bench: Bench) -> None:
    """Taken by another, and the answer lost that said so: what is there is the other's, and stays."""
    other = bench.beside()
    theirs = claim(other)
    bench.connection.lose_answer("create")
    with pytest.raises(OutcomeUnknown):
        claim(bench)
    bench.clean()
    assert bench.record(KEY) is not None
    assert theirs is not None
    other.prove()
    assert theirs.held


def test_in_doubt_our_own_next_one_is_not_removed(bench: Bench) -> None:
    """A beat settles the doubt about an old record, a new one is had, and then comes the old removal."""
    bench.connection.lose_answer("create")
    with pytest.raises(OutcomeUnknown):
        claim(bench)
    late, bench.cleaning = bench.cleaning, []
    bench.prove()
    again = claim(bench)
    assert again is not None
    bench.cleaning = late
    bench.clean()
    assert bench.record(KEY) is not None
    bench.prove()
    assert again.held


def test_the_audit_leaves_others_alone(plain: Bench) -> None:
    """A doubtful key of ours is had by another process by now: no stray, also on stores without proofs."""
    other = plain.beside()
    plain.connection.lose_answer("create")
    with pytest.raises(OutcomeUnknown):
        claim(plain)
    plain.clean()
    theirs = claim(other)
    plain.prove()
    assert plain.record(KEY) is not None
    assert theirs is not None
    other.prove()
    assert theirs.held
