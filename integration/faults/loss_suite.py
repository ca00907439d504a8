"""Who loses a lease is told, soon and with the reason; the same for every server of one node.

A test module that subclasses it brings the fixture `node`, a server that nobody else uses.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from coordination import Manager, connect
from integration.faults.contenders import PATIENCE, Contender, overlaps
from integration.faults.held import Held, let_go
from integration.faults.measuring import Recorded, eventually, hiccups, measured
from integration.servers.cluster import Cluster

SOON = 1.0
"""Seconds; typical is a twentieth of it, which `make prove` measures. On a busy machine this is the bound."""

BUSY = 2.0
"""Seconds that a machine may be late which others keep busy."""

Node = Cluster[Any]


class LossSuite:
    """Pitfalls 5, 6, 27, 28, 30; acceptance 11, 14, 18, 22. Subclasses take away behind the store's back."""

    expiry: ClassVar[float] = 1.0
    """How many periods the server may take to end what nobody renews."""

    def revoke(self, node: Node, held: Held) -> None:
        """End the session."""
        raise NotImplementedError

    def delete(self, node: Node, held: Held) -> None:
        """Delete the record."""
        raise NotImplementedError

    def overwrite(self, node: Node, held: Held) -> None:
        """Write something else over it."""
        raise NotImplementedError

    def clear(self, node: Node, held: Held) -> None:
        """Delete whatever is there, if anything is."""
        raise NotImplementedError

    def steal(self, node: Node, held: Held) -> None:
        """As a thief among us does."""
        with connect(node.url, namespace="ns", machine_id="thief") as thief:
            assert thief.steal_lease(held.lease.name, None, 0, 30.0, held.lease.index) is not None

    @pytest.fixture
    def manager(self, node: Node) -> Iterator[Manager]:
        """The holder's."""
        with connect(node.url, namespace="ns", machine_id="holder") as manager:
            yield manager

    @pytest.mark.parametrize(
        ("take", "reasons"),
        [
            ("revoke", {"revoked"}),
            ("delete", {"deleted"}),
            ("steal", {"stolen"}),
            ("overwrite", {"stolen", "broken"}),
        ],
    )
    def test_a_loss_is_told_at_once(
        self, node: Node, manager: Manager, take: str, reasons: set[str], record_property: Recorded
    ) -> None:
        """Pitfall 28, acceptance 22: by a watch; the next renewal, up to 10 s away, is not waited for."""
        held = Held(manager, f"taken-by-{take}", period=30.0)
        time.sleep(0.3)  # so that it is not the first beat, but the watch, that notices
        with hiccups() as held_up:
            getattr(self, take)(node, held)
            since = time.time()
            at, reason = held.told.get(timeout=10.0)
            spared = held_up()
        record_property(f"s until a holder was told: {take}", at - since)
        assert reason in reasons
        assert at - since <= SOON + spared
        assert not held.lease.held
        assert held.told.empty()
        self.clear(node, held)

    def test_a_silent_server_is_a_loss_within_the_period(self, node: Node, manager: Manager) -> None:
        """Pitfall 5, acceptance 11: SIGSTOP; told once, within the period after the last good renewal."""
        with hiccups() as held_up:
            held = Held(manager, "paused", period=3.0)
            node.members[0].pause()
            try:
                at, reason = held.told.get(timeout=10.0)
            finally:
                node.members[0].resume()
            spared = held_up()
        assert reason == "expired"
        # Belief ends earlier; of that it is told at once.
        assert at <= held.lease.renewed_at + 3.0 + 0.5 + spared
        assert not held.lease.held
        assert held.told.empty()

    def test_a_silent_server_does_not_hold_up_a_look(self, node: Node, manager: Manager) -> None:
        """Pitfall 6: whether it is held is known without asking anybody, at any time."""
        held = Held(manager, "looked-at", period=3.0)
        node.members[0].pause()
        try:
            looks = [measured(lambda: held.lease.held) for _ in range(200)]
        finally:
            node.members[0].resume()
        took = sorted(look.took for look in looks)
        assert took[-10] < 0.05, "more looks were slow than a busy machine has held up"
        assert took[-1] < 2.0
        let_go(held.lease)

    def test_a_killed_holder_is_followed(self, node: Node) -> None:
        """Pitfall 27, acceptance 14: kill -9; not before its period is over, and soon after it expired."""
        period = 3.0
        with Contender("contend", node.url, period) as holder:
            token = holder.next("got")["token"]
            holder.next("renewed", after=2)
            holder.kill()
            killed, renewed = time.time(), holder.events("renewed")[-1]["at"]
        with connect(node.url) as other, hiccups() as held_up:
            lease = other.wait_lease("contended", period=period, timeout=30.0)
            taken = time.time()
            assert lease.token > token
            assert taken >= renewed + period - 0.25
            # The server counts from when it has the renewal, and may notice an expiry some 0.5 s late.
            assert taken <= killed + self.expiry * period + 1.0 + BUSY + held_up()
            let_go(lease)

    def test_who_was_stopped_wakes_up_without_it(self, node: Node) -> None:
        """Pitfall 30, acceptance 18: SIGSTOP for longer than the period, of the holder, then of a waiter."""
        period = 3.0
        with (
            Contender("contend", node.url, period) as first,
            Contender("contend", node.url, period) as second,
        ):
            eventually(lambda: bool(first.events("renewed") or second.events("renewed")), PATIENCE)
            holder, waiter = (first, second) if first.events("renewed") else (second, first)
            with hiccups() as held_up:
                holder.pause()
                followed = measured(lambda: waiter.next("got"))
                assert followed.took <= self.expiry * period + 1.0 + BUSY + held_up()
            holder.resume()
            holder.next("over")
            assert not overlaps(first, second)
            sleeper, gone = holder, waiter
            sleeper.pause()
            gone.kill()
            time.sleep(2 * self.expiry * period)
            sleeper.resume()
            token = sleeper.next("got", after=1)["token"]
            assert sleeper.next("renewed", after=len(sleeper.events("renewed")) + 1)["token"] == token
            assert not overlaps(first, second)
