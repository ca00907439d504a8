"""Fifty machines share two thousand units on etcd: until all are owned, at rest, and after a crash."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from benchmarks.prove.figure import Figure, at_most, none_of
from benchmarks.prove.issue2.servers import Counters, cluster
from benchmarks.prove.issue5.machines import POOL, machines
from benchmarks.prove.issue5.owners import Owners
from benchmarks.prove.issue5.talk import Child, child, progress, waited
from coordination import connect

MACHINES, PROCESSES, UNITS = 50, 8, 2_000
TTL = 15.0
ADDERS = 1

ALL_OWNED, AFTER_CRASH = 30.0, TTL + 5.0
"""Seconds."""

FEWEST, AT_REST, IMBALANCE = 1.2, 0.5, 1
"""Times the fewest moves; operations a second of a machine; units."""

QUIET, REST = 4.0, 60.0
"""Seconds without a change that are called settled, and for which the server's calls are counted."""

PATIENCE = 120.0


def figures() -> Iterator[Figure]:
    """One pool from its first unit on."""
    shares = [
        [f"machine-{number:02}" for number in range(process, MACHINES, PROCESSES)]
        for process in range(PROCESSES)
    ]
    with cluster() as node, ExitStack() as ends:
        adding = added(node.url)
        owners = ends.enter_context(Owners(node.endpoints[0], POOL))
        children = [
            ends.enter_context(child(machines, node.url, ",".join(names), str(TTL))) for names in shares
        ]
        for each in children:
            each.told(PATIENCE)
        progress(f"{MACHINES} machines are ready; {UNITS} units took {adding:.0f} s to add")
        names = [name for share in shares for name in share]
        yield from claimed(children, owners, names, adding)
        yield at_rest(node.endpoints[0])
        yield from crashed(children[0], shares[0], owners, [name for name in names if name not in shares[0]])
        yield from believed(children[1:], owners)


def added(url: str) -> float:
    """Seconds that it took to define the units."""
    began = time.monotonic()
    with connect(url) as manager, ThreadPoolExecutor(ADDERS) as executor:
        pool = manager.pool(POOL)
        new = sum(executor.map(lambda number: pool.add(f"unit-{number:04}", {"n": number}), range(UNITS)))
    assert new == UNITS
    return time.monotonic() - began


def claimed(children: list[Child], owners: Owners, names: Collection[str], adding: float) -> Iterator[Figure]:
    """All machines begin at the same time."""
    began = time.monotonic()
    for each in children:
        each.go()
    took = waited(lambda: len(owners.owner) == UNITS, PATIENCE, lambda: f"{len(owners.owner)} units owned")
    even = settled(owners, names)
    taken = owners.taken_since(began)
    moves = len(taken) - UNITS
    last = owners.changes[-1].at - began
    balanced = max(each.told(PATIENCE)["seconds"] for each in children)
    part_by_part = ", ".join(
        f"{part} % {taken[UNITS * part // 100 - 1].at - began:.1f}" for part in (50, 90, 99)
    )
    parts = {
        "most of them owned after, s": part_by_part,
        "settled after, s": round(last, 1),
        "moves until then": moves,
        "slowest first balance(), s": round(balanced, 1),
        "adding the units before that, s": round(adding, 1),
    }
    what = f"etcd, ttl {TTL:g} s: {UNITS} units, {MACHINES} machines in {PROCESSES} processes"
    yield at_most(f"{what}: all owned after", ALL_OWNED, took or float("inf"), "s", **parts)
    loads = " ".join(f"{count} x {load}" for load, count in sorted(Counter(even.values()).items()))
    spread = max(even.values()) - min(even.values())
    yield at_most(f"{what}: imbalance after settling", IMBALANCE, spread, "units", machines=loads)


def settled(owners: Owners, names: Collection[str]) -> Counter[str]:
    """The loads once all is owned and nothing has changed for a while."""
    waited(
        lambda: owners.quiet(QUIET) and owners.owned_by(names) == UNITS,
        PATIENCE,
        lambda: f"{owners.owned_by(names)} owned, imbalance {owners.spread(names)}",
    )
    return owners.loads(names)


def at_rest(endpoint: str) -> Figure:
    """Requests and messages on streams that etcd counts while nothing happens."""
    progress(f"at rest for {REST:g} s")
    before, began = Counters(endpoint), time.monotonic()
    time.sleep(REST)
    asked, seconds = Counters(endpoint).received() - before.received(), time.monotonic() - began
    parts = {
        f"{method}, each second of a machine": round(count / seconds / MACHINES, 3)
        for method, count in asked.most_common()
    }
    name = f"etcd, {UNITS} units on {MACHINES} machines at rest: operations a second of a machine"
    return at_most(name, AT_REST, asked.total() / seconds / MACHINES, "", **parts)


def crashed(victim: Child, dead: Collection[str], owners: Owners, live: Collection[str]) -> Iterator[Figure]:
    """One process of machines is killed."""
    fewest, orphans = fewest_moves(owners.owner.copy(), live), owners.owned_by(dead)
    began = time.monotonic()
    victim.kill()
    took = waited(
        lambda: owners.owned_by(live) == UNITS,
        PATIENCE,
        lambda: f"{owners.owned_by(live)} owned by the living",
    )
    even = settled(owners, live)
    moves = len(owners.taken_since(began))
    what = f"etcd, ttl {TTL:g} s: kill -9 of {len(dead)} machines"
    deaths = [it.at - began for it in owners.changes if it.at >= began and it.machine is None]
    parts = {
        "their units": orphans,
        "free after, s": f"{min(deaths, default=0.0):.1f} to {max(deaths, default=0.0):.1f}",
        "settled after, s": round(owners.changes[-1].at - began, 1),
    }
    yield at_most(f"{what}: all units owned again after", AFTER_CRASH, took or float("inf"), "s", **parts)
    yield at_most(f"{what}: moves by the fewest", FEWEST, moves / fewest, "x", moves=moves, fewest=fewest)
    spread = max(even.values()) - min(even.values())
    yield at_most(f"{what}: imbalance after settling", IMBALANCE, spread, "units")


def fewest_moves(owner: Mapping[str, str], live: Collection[str]) -> int:
    """The units of the dead, and what the living have above the share that each may have at most."""
    loads = Counter(dict.fromkeys(live, 0))
    loads.update(machine for machine in owner.values() if machine in loads)
    share, more = divmod(UNITS, len(live))
    most_first = sorted(loads.values(), reverse=True)
    above = sum(max(0, load - share - (place < more)) for place, load in enumerate(most_first))
    return UNITS - loads.total() + above


def believed(children: list[Child], owners: Owners) -> Iterator[Figure]:
    """What the machines themselves say."""
    for each in children:
        each.go()
    reports = [each.told(PATIENCE) for each in children]
    count = Counter(unit for report in reports for unit in report["owned"])
    wrong = sum(count[unit] != 1 for unit in owners.owner)
    yield none_of("pool: units that two machines or none believe in, at the end", "units", wrong, f"{UNITS}")
    lost = sum((Counter(report["lost"]) for report in reports), Counter[str]())
    handed = lost.pop("stolen", 0)
    errors = [error for report in reports for error in report["errors"]]
    parts = {"handed over": handed, "errors that balance() raised": len(errors), "which": errors[:3], **lost}
    yield none_of(
        "pool: units lost otherwise than by being asked for", "units", lost.total(), f"{UNITS}", **parts
    )
