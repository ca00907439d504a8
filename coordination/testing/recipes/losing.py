"""Losing a hold, by whatever, and what becomes of those who wait: D2, D3, D4, D12, and more."""

from __future__ import annotations

from contextlib import suppress

import pytest

from coordination.errors import LeaseLost, StoreUnavailable
from coordination.hold import Hold
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import NAME, RecipeHarness


class LossCases(Recipes):
    """Told, with the reason, and nobody else has it meanwhile."""

    def test_d2_a_holder_cut_off_stops_by_its_own_clock(self, harness: RecipeHarness) -> None:
        """D2: the store is out of reach: it believes for its ttl at most, and never beside the next one."""
        store = harness.faulty()
        one, two, ttl = harness.manager("m1", store), harness.manager("m2"), harness.period
        hold = harness.acquired(one, ttl=ttl)
        telling, reasons = harness.begin(hold, "wait"), losses(hold)
        store.cut()
        asked = begin = harness.clock.now()
        taken = None
        while taken is None:
            assert asked <= begin + ttl + harness.slack, "nobody takes over"
            harness.let_pass(ttl / 20)
            asked = harness.clock.now()
            with suppress(StoreUnavailable):  # Its servers may be electing a leader.
                taken = harness.lock(two).try_acquire()
            assert not (hold.held and taken), "two hold it"
        assert (hold.held, hold.lost, taken.token > hold.token) == (False, "expired", True)
        assert telling.answer() == "expired"
        harness.eventually(lambda: reasons == ["expired"], "the holder is told")
        store.mend()
        with pytest.raises(LeaseLost, match="expired"):
            hold.release()
        assert taken.release() is True

    def test_d3_a_session_revoked_is_told_as_such(self, harness: RecipeHarness) -> None:
        """D3: at once, though no beat is due, and with another word than for a release."""
        one, two = harness.managers()
        hold = harness.acquired(one, ttl=harness.long)
        harness.listening()
        telling, reasons = harness.begin(hold, "wait"), losses(hold)
        harness.revoke(harness.queue()[0])
        harness.eventually(lambda: not hold.held, "the holder is told", within=harness.told)
        assert telling.answer() == hold.lost == "revoked"
        harness.eventually(lambda: reasons == ["revoked"], "the callback is told, once")
        assert harness.acquired(two).token > hold.token

    def test_d4_the_end_is_observed_by_all_who_wait(self, harness: RecipeHarness) -> None:
        """D4: five who wait hear of it, later ones too; dlock's channel has one value for one of them."""
        one, two = harness.managers()
        lock = harness.lock(one)
        for word in ("released", "broken"):
            hold = lock.acquire()
            waiting = [harness.begin(hold, "wait") for _ in range(5)]
            assert hold.wait(timeout=0) is None
            assert not [it for it in waiting if it.done]
            if word == "broken":
                harness.break_held(two, hold)
            else:
                assert lock.release()
            assert [it.answer() for it in waiting] == [word] * 5
            assert hold.wait() == hold.wait(timeout=0) == word

    def test_d12_relock_after_expiry_without_unlock(self, harness: RecipeHarness) -> None:
        """D12: the same object acquires again, dlock's must be unlocked first; the old hold stays lost."""
        lock = harness.lock(harness.manager())
        lost = lock.acquire()
        harness.revoke(harness.queue()[0])
        harness.eventually(lambda: not lost.held, "it is lost")
        hold = lock.acquire()
        assert (hold.held, lost.held, lost.lost) == (True, False, "revoked")
        assert hold.token > lost.token
        with pytest.raises(LeaseLost, match="revoked"):
            lost.release()
        assert hold.held
        assert lock.release() is True

    def test_a_record_deleted_behind_the_holder(self, harness: RecipeHarness) -> None:
        """The session lives, so only a proof can tell: not held within the ttl and a second."""
        one, two = harness.managers()
        ttl = harness.brief
        hold, other = (harness.acquired(one, name, ttl) for name in (NAME, "other"))
        reasons = losses(hold)
        harness.remove(harness.queue()[0])
        harness.let_pass(ttl / 3)  # The next beat, and one more if that has just begun.
        harness.eventually(lambda: not hold.held, "proofs find it gone", within=2 / 3 * ttl + 1.0)
        harness.eventually(lambda: hold.lost is not None, "it is judged", within=ttl)
        assert hold.lost == "deleted"
        harness.eventually(lambda: reasons == ["deleted"], "the callback is told, once")
        assert other.held
        assert harness.acquired(two).token > hold.token

    def test_a_hold_is_kept_for_as_long_as_it_is_wanted(self, harness: RecipeHarness) -> None:
        """Far beyond its ttl, without a call of its owner; the token stays, and nobody else gets it."""
        one, two = harness.managers()
        hold = harness.acquired(one, ttl=harness.brief)
        token = hold.token
        harness.keep(hold, 1.5 * harness.brief)
        assert harness.lock(two).try_acquire() is None
        assert (hold.token, hold.release()) == (token, True)

    def test_a_waiter_whose_record_is_deleted_begins_anew(self, harness: RecipeHarness) -> None:
        """It enters again, at the end; nobody holds beside another, and nobody is stranded."""
        one, two, three = harness.three()
        hold = harness.acquired(one)
        loser = harness.begin(harness.lock(two, ttl=harness.brief), "acquire")
        harness.queued(2)
        after = harness.waiting(harness.lock(three))
        removed = harness.queue()[1]
        harness.remove(removed)
        harness.let_pass(harness.brief / 3)
        last = harness.queued(3)[2]
        assert last.created > removed.created
        hold.release()
        second: Hold = after.answer()
        assert not loser.done
        second.release()
        third: Hold = loser.answer()
        assert (third.held, third.token) == (True, last.created)
        assert hold.token < second.token < third.token

    def test_waiters_of_a_lost_session_enter_again_in_their_old_order(self, harness: RecipeHarness) -> None:
        """Four of one manager, whose session ends: a new one, the same order, all get it."""
        one, two = harness.managers()
        hold = harness.acquired(one)
        lock = harness.lock(two)
        waiters = [harness.waiting(lock) for _ in range(4)]
        before = harness.queue()
        harness.revoke(before[1])
        keys = {record.key for record in before[1:]}
        harness.eventually(
            lambda: len(queue := harness.queue()) == 5 and not keys & {it.key for it in queue},
            "all have entered again",
        )
        order = []
        for _ in range(4):
            assert hold.release() is True
            harness.eventually(
                lambda: any(it.done for it in waiters if it not in order), "the next one has it"
            )
            (next_one,) = [it for it in waiters if it.done and it not in order]
            order.append(next_one)
            hold = next_one.answer()
        assert order == waiters
        assert hold.release() is True


def losses(hold: Hold) -> list[str]:
    """The reasons that its callback is told, so far."""
    told: list[str] = []
    hold.on_lost(lambda _hold, reason: told.append(reason))
    return told
