"""Three members, some of which fail: what is held stays held, and never twice; the same for every cluster.

A test module that subclasses it brings the fixture `three`, a cluster that nobody else uses.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pytest

from coordination import Lease, StoreError, StoreUnavailable, connect
from integration.faults.contenders import PATIENCE, Contender, overlaps
from integration.faults.held import let_go
from integration.faults.measuring import Recorded, eventually, hiccups, measured
from integration.servers.cluster import Cluster
from integration.servers.member import Member

KILLS = int(os.environ.get("COORDINATION_LEADER_KILLS", "2"))
"""How often the leader is killed; `make prove` asks for 20."""

TURNS = int(os.environ.get("COORDINATION_MEMBER_TURNS", "1"))
"""How often each member is stopped in turn; `make prove` asks for more."""


def kept_through(lease: Lease, since: float) -> None:
    """It is held all the time, until a renewal that began a while after `since` is confirmed."""
    token = lease.token

    def renewed() -> bool:
        assert lease.held, f"lost: {lease.lost}, {time.time() - since:.2f} s after the fault"
        return lease.renewed_at > since + 1.0

    eventually(renewed, 2 * lease.period)
    assert lease.token == token


def _pause(member: Member) -> Callable[[], None]:
    member.pause()
    return member.resume


def _stop(member: Member) -> Callable[[], None]:
    member.stop()
    return member.start


class MembersSuite:
    """Pitfalls 22, 23, 24, 27; acceptance 15, 16."""

    kills: ClassVar[int] = KILLS
    period: ClassVar[float] = 12.0
    """Of what is to be kept: two thirds of it are longer than a restart of all takes on a busy machine."""
    expiry: ClassVar[float] = 1.0
    """How many periods a server may take to end what nobody renews."""
    recovery: ClassVar[float] = 10.0
    """Seconds after which others acquire again, once a leader is gone."""

    @pytest.fixture
    def cluster(self, three: Cluster[Any]) -> Iterator[Cluster[Any]]:
        """The three members, healthy at the beginning and made so again at the end."""
        yield three
        for member in three.members:
            if not member.running:
                member.start()
            member.resume()
        three.wait_healthy()

    @pytest.fixture
    def kept(self, cluster: Cluster[Any]) -> Iterator[Lease]:
        """A lease that is kept alive."""
        with connect(cluster.url) as manager:
            period = self.period
            yield manager.wait_lease("job", period=period, timeout=10.0 + 2 * period).keep_alive()

    def test_the_leader_is_killed_while_holding(
        self, cluster: Cluster[Any], kept: Lease, record_property: Recorded
    ) -> None:
        """Acceptance 15: kept, time after time, and others acquire once there is a leader again."""
        with connect(cluster.url) as other:
            for kill in range(self.kills):
                leader = cluster.leader()
                leader.kill()
                since = time.time()
                let_go(other.wait_lease("another", period=30.0, timeout=self.recovery))
                kept_through(kept, since)
                record_property("kills of the leader survived", kill + 1)
                leader.start()
                cluster.wait_healthy()

    @pytest.mark.parametrize("fault", [_pause, _stop])
    def test_each_member_stops_in_turn(
        self,
        cluster: Cluster[Any],
        kept: Lease,
        fault: Callable[[Member], Callable[[], None]],
        record_property: Recorded,
    ) -> None:
        """Pitfall 23: kept, whichever we talked to; a paused one keeps its connections and is silent."""
        for number, member in enumerate(cluster.members * TURNS):
            mend = fault(member)
            try:
                kept_through(kept, time.time())
                record_property(f"members stopped ({fault.__name__.strip('_')}) and survived", number + 1)
            finally:
                mend()
            cluster.wait_healthy()

    def test_d15_health_with_one_endpoint_down(self, cluster: Cluster[Any]) -> None:
        """D15 of dlock's: told as a condition that names it, and no error; with all of them down, one."""
        down, *others = cluster.members
        with connect(cluster.url, timeout=5.0) as manager:
            eventually(lambda: measured(manager.health).value == [], 20.0)
            down.kill()
            cluster.wait_healthy()  # Of the others one leads by then.
            conditions = manager.health()
            assert conditions
            assert all(isinstance(condition, str) for condition in conditions)
            assert any(down.endpoint in condition for condition in conditions)
            manager.lock("taken meanwhile").acquire(timeout=20.0).release()
            for member in others:
                member.kill()
            with pytest.raises(StoreError):
                manager.health()
            for member in cluster.members:
                member.start()
            cluster.wait_healthy()
            eventually(lambda: measured(manager.health).value == [], 20.0)

    def test_all_members_restart(self, cluster: Cluster[Any], kept: Lease) -> None:
        """Pitfall 24: after an outage of all nobody is blacklisted: the lease goes on, acquiring is quick."""
        since = time.time()
        for member in cluster.members:
            member.kill()
        for member in cluster.members:
            member.start()
        cluster.wait_healthy()
        with connect(cluster.url) as other:
            let_go(other.wait_lease("another", period=30.0, timeout=self.recovery))
        kept_through(kept, since)

    def test_quorum_is_lost_for_two_periods(self, cluster: Cluster[Any], record_property: Recorded) -> None:
        """Acceptance 16: two processes are never both sure; one holds soon after its return."""
        period = 3.0
        within = self.expiry * period + 5.0
        with (
            Contender("contend", cluster.url, period) as one,
            Contender("contend", cluster.url, period) as two,
        ):

            def since(kind: str, at: float) -> bool:
                return any(event["at"] > at for each in (one, two) for event in each.events(kind))

            eventually(lambda: since("renewed", 0.0), PATIENCE)
            leader = cluster.leader()
            stopped = [leader, next(it for it in cluster.members if it is not leader)]
            for member in stopped:
                member.pause()
            time.sleep(2 * period)
            assert len(one.events("over") + two.events("over")) == 1
            for member in stopped:
                member.resume()
            back = time.time()
            with hiccups() as held_up:
                held_again = eventually(lambda: since("got", back), PATIENCE)
                assert held_again <= within + held_up()
            record_property("s from the return of the quorum to a holder, period 3 s", held_again)
            eventually(lambda: since("renewed", back), PATIENCE)
            assert not overlaps(one, two)
            over = (one.events("over") + two.events("over"))[0]
            assert over["reason"] == "expired"

    def test_an_old_leader_answers_no_reads(self, cluster: Cluster[Any]) -> None:
        """Pitfall 22: paused while another was elected, it knows the old value and believes that it leads."""
        old = cluster.leader()
        others = ",".join(member.endpoint for member in cluster.members if member is not old)
        with (
            connect(f"{cluster.kind}://{others}", timeout=2.0) as writer,
            connect(f"{cluster.kind}://{old.endpoint}", timeout=10.0) as reader,
            ThreadPoolExecutor(1) as thread,
        ):
            lease = writer.wait_lease("writer", period=30.0, timeout=10.0)
            eventually(lambda: measured(lambda: lease.commit({"datum": b"old"})).error is None, 20.0)
            assert reader.read("datum") == b"old"
            old.pause()
            eventually(lambda: cluster.leader() is not old, 20.0)
            eventually(lambda: measured(lambda: lease.commit({"datum": b"new"})).error is None, 20.0)
            reading = thread.submit(lambda: measured(lambda: reader.read("datum")))
            time.sleep(0.3)  # The question lies in its socket when it wakes up.
            old.resume()
            read = reading.result(20.0)
            assert read.value == b"new" or isinstance(read.error, StoreUnavailable)
            eventually(lambda: measured(lambda: reader.read("datum")).value == b"new", 20.0)
            let_go(lease)
