"""From records to an overview: who has what, and that nonsense of others changes nothing."""

from __future__ import annotations

import pytest

from coordination import connect, payloads
from coordination.recipes.leading.candidate import FOLLOWS, SUCCESSOR, VALUE
from coordination.recipes.overview import parsing
from coordination.recipes.overview.survey import survey
from coordination.record import Record
from coordination.runtime import run
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock
from tests.cli.records import contender, lease, owned, owner, record, shares, unit

NOW = 1000.0


def test_a_lease_as_its_record_says() -> None:
    """Holder, version, process, age, the user's own metadata; the token of its acquisition."""
    fields = {"version": 3, "pid": 7, "host": "h", "acquired_at": 990.0, "token": 5, "metadata": {"a": "b"}}
    (found,) = parsing.leases([lease("leases", "a/b", "m", left=4.0, **fields)], NOW)
    assert (found.name, found.machine_id, found.version, found.token) == ("a/b", "m", 3, 5)
    assert (found.pid, found.host, found.since, found.left) == (7, "h", 990.0, 4.0)
    assert found.metadata == {"a": "b"}


def test_a_lease_never_renewed_has_its_index_for_a_token() -> None:
    """As everywhere: the first write of a lease cannot know its own index."""
    written = lease("leases", "job", "m")
    assert parsing.leases([written], NOW)[0].token == written.index


@pytest.mark.parametrize(("renewed_at", "left"), [(995.0, 10.0), (900.0, 0.0), (1010.0, 15.0), (0.0, None)])
def test_where_the_store_does_not_say_how_long_it_has_left(renewed_at: float, left: float | None) -> None:
    """It is counted from the last renewal, never negative, never more than the period."""
    (found,) = parsing.leases([lease("leases", "job", "m", period=15.0, renewed_at=renewed_at)], NOW)
    assert found.left == left


def test_leases_come_by_name() -> None:
    """Whatever the order of the store, and of what percent-encoding makes of them."""
    names = ["b", "a/z", "a"]
    found = parsing.leases([lease("leases", name, "m") for name in names], NOW)
    assert [it.name for it in found] == sorted(names)


def test_a_leader_with_what_it_proclaims() -> None:
    """Its value is decoded; what is ours in the metadata is no metadata of the user's."""
    entries = {VALUE: payloads.encode({"port": 80}), "zone": "z"}
    (leader,) = parsing.leaders([lease("leaders", "jobs", "m", version=2, metadata=entries)], NOW)
    assert (leader.holder.name, leader.holder.machine_id, leader.holder.version) == ("jobs", "m", 2)
    assert leader.value == {"port": 80}
    assert leader.holder.metadata == {"zone": "z"}
    assert (leader.taking_over, leader.successor) == (False, "")


def test_a_leader_that_waits_and_one_that_leaves() -> None:
    """Taking over, or handing over to a named machine; a value that makes no sense is none."""
    waits = lease("leaders", "a", "m", metadata={FOLLOWS: "17", VALUE: "nonsense"})
    leaves = lease("leaders", "b", "m", metadata={SUCCESSOR: "n"})
    first, second = parsing.leaders([leaves, waits], NOW)
    assert (first.taking_over, first.successor, first.value) == (True, "", None)
    assert (second.taking_over, second.successor) == (False, "n")


def test_a_queue_has_its_oldest_in_front() -> None:
    """The order of `created`, not that of the keys."""
    first, second, third = (contender("job", key, machine) for key, machine in ("ca", "ab", "bc"))
    (found,) = parsing.locks([second, third, first])
    assert (found.holder.name, found.holder.machine_id, found.waiting) == ("job", "a", 2)
    assert found.holder.token == first.created


def test_pools_with_owners_machines_and_free_units() -> None:
    """A machine without units counts as well, and so does an owner that does not share."""
    definitions = [unit("p", name, weight) for name, weight in (("a", 1.0), ("b", 2.0), ("c/d", 4.0))]
    owners = [owned("p", "a", "x"), owned("p", "b", "y")]
    (pool,) = parsing.pools(definitions, owners, [shares("p", "x"), shares("p", "z")])
    assert (pool.name, list(pool.units), pool.free) == ("p", ["a", "b", "c/d"], ["c/d"])
    assert pool.counts() == {"x": 1, "y": 1, "z": 0}
    assert pool.weights() == {"x": 1.0, "y": 2.0, "z": 0.0}
    assert pool.machines == {"x", "z"}
    assert pool.owners["a"].machine_id == "x"


def test_a_unit_removed_while_somebody_has_it() -> None:
    """It is no unit any more, so it weighs nothing, but its owner is shown."""
    (pool,) = parsing.pools([], [owned("p", "gone", "x")], [])
    assert (pool.units, pool.free, pool.counts(), pool.weights()) == ({}, [], {"x": 1}, {"x": 0.0})


def test_groups_with_their_members() -> None:
    """By group and machine id, with the user's metadata alone."""
    keys = (("/members/web/", "b"), ("/members/db/", "a"), ("/members/web/", "a"))
    found = parsing.groups([owner(folder, machine, machine) for folder, machine in keys])
    assert {group: [it.name for it in members] for group, members in found.items()} == {
        "db": ["a"],
        "web": ["a", "b"],
    }
    assert found["db"][0].metadata == {"k": "v"}


@pytest.mark.parametrize("key", ["/leases", "/leases/", "/leases/a/b", "/leases/%ff", "/leases/%2d"])
def test_leases_of_strangers_are_left_out(key: str) -> None:
    """Keys of another depth, without a name, or spelt in a way that we do not spell them."""
    assert not parsing.leases([record(key, b"{}")], NOW)
    assert not parsing.leaders([record(key, b"{}")], NOW)


@pytest.mark.parametrize("key", ["/locks/a", "/locks/a/", "/locks/a/b/c", "/locks/%ff/a", "/locks/a/%2d"])
def test_contenders_of_strangers_are_left_out(key: str) -> None:
    """The same for what lies in folders."""
    stranger = [record(key, b"{}")]
    assert not parsing.locks(stranger)
    assert not parsing.groups(stranger)
    assert not parsing.pools([], stranger, [])
    assert not parsing.pools([], [], stranger)


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"[1]", b'{"MachineID": 3}', b"9" * 5000])
def test_values_of_strangers_are_shown_somehow(raw: bytes) -> None:
    """Whatever is in a record, the look does not fail."""
    keys = ("/leases/a", "/leaders/a", "/locks/a/b", "/data/units/a/b", "/owners/a/b", "/members/a/b")
    leases, leaders, locks, units, owners, members = (record(key, raw) for key in keys)
    assert len(parsing.leases([leases], NOW)) == len(parsing.leaders([leaders], NOW)) == 1
    assert len(parsing.locks([locks])) == len(parsing.groups([members])) == 1
    (pool,) = parsing.pools([units], [owners], [])
    assert pool.units == {"b": 1.0}


def test_records_without_a_session_are_nobodys() -> None:
    """A stranger's record in a folder of ours is no contender, member or owner: it would never go."""
    keys = ("/locks/a/b", "/owners/a/b", "/machines/a/b", "/members/a/b")
    lock, owns, machine, member = (record(key, b"{}", None) for key in keys)
    assert not parsing.locks([lock])
    assert not parsing.pools([], [owns], [machine])
    assert not parsing.groups([member])


def test_the_survey_looks_at_one_namespace() -> None:
    """Everything that managers of it wrote, as of the clock's time; nothing of another namespace."""
    clock = FakeClock()
    store = MemoryStore(clock)
    with (
        connect(store, machine_id="m", namespace="n", clock=clock) as ours,
        connect(store, machine_id="x", clock=clock) as others,
    ):
        others.acquire_lease("theirs")
        ours.acquire_lease("job")
        hold = ours.lock("orders").try_acquire()
        assert hold is not None
        hold.commit({"plain": b"datum"})
        ours.membership("web").join()
        look = run(survey(ours.keeper.runtime, ours.keeper))
    assert look.at == clock.wall()
    assert [lease.name for lease in look.leases] == ["job"]
    assert [lock.holder.machine_id for lock in look.locks] == ["m"]
    assert [it.machine_id for it in look.groups["web"]] == ["m"]
    assert (look.leaders, look.pools) == ((), ())


def test_a_survey_is_one_list_for_each_kind() -> None:
    """However much there is."""
    listed: list[str] = []

    class Counting(MemoryStore):
        def list(self, prefix: str, *, timeout: float) -> list[Record]:
            listed.append(prefix)
            return super().list(prefix, timeout=timeout)

    with connect(Counting()) as manager:
        for number in range(5):
            manager.acquire_lease(f"job-{number}")
        run(survey(manager.keeper.runtime, manager.keeper))
    assert sorted(listed) == [
        "/data/units/", "/leaders/", "/leases/", "/locks/", "/machines/", "/members/", "/owners/",
    ]  # fmt: skip
