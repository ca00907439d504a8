"""The engine of the simulator: it counts exactly, and does to requests what it says."""

from __future__ import annotations

import math
from functools import partial

import pytest

from coordination.errors import OutcomeUnknown, StoreError, StoreUnavailable
from coordination.testing.simulation import (
    Cancelled,
    Client,
    Limits,
    Scenario,
    Simulation,
    World,
)

CALM = Limits(crashes=0, answers=0, delays=0, cuts=0)
TTL = 15.0


class Asking(Scenario):
    """So many clients, each of which asks so often, and writes down who asked."""

    clients = 2
    requests = 2
    orders: set[str]

    def __init__(self) -> None:
        self.order = ""

    def begin(self, world: World) -> None:
        for number in range(self.clients):
            client = world.client("abc"[number])
            client.start(self.ask(client))

    async def ask(self, client: Client) -> None:
        for _ in range(self.requests):
            await client.runtime.call(partial(client.store.read, "key", timeout=1.0))
            self.order += client.name

    def at_end(self, world: World) -> None:
        self.orders.add(self.order)


@pytest.mark.parametrize(("clients", "requests"), [(1, 2), (2, 1), (2, 2), (3, 1)])
def test_every_order_is_run_exactly_once(clients: int, requests: int) -> None:
    """A task of n requests has n + 1 turns: as many schedules as there are ways to shuffle those."""
    seen: set[str] = set()
    kind = type("Case", (Asking,), {"clients": clients, "requests": requests, "orders": seen})
    report = Simulation(kind, CALM).exhaust(depth=20)
    turns = requests + 1
    assert report.runs == math.factorial(clients * turns) // math.factorial(turns) ** clients
    assert report.complete
    assert len(seen) == math.factorial(clients * requests) // math.factorial(requests) ** clients


def test_a_depth_bounds_the_choices() -> None:
    """Two clients of two turns each have six orders; only the first choice differs at depth one."""
    kind = type("Case", (Asking,), {"clients": 2, "requests": 1, "orders": set()})
    assert Simulation(kind, CALM).exhaust(depth=1).runs == 2
    assert Simulation(kind, CALM).exhaust(depth=9, most=3).runs == 3


class OneRequest(Scenario):
    """One client writes one record; what it hears and what is there at the end goes into `outcomes`."""

    outcomes: list[tuple[str, bool]]

    def __init__(self) -> None:
        self.heard = "nothing"

    def begin(self, world: World) -> None:
        client = world.client("a")
        client.start(self.write(client), cancellable=True)

    async def write(self, client: Client) -> None:
        session = client.world.store.open_session(TTL, timeout=1.0)
        try:
            await client.runtime.call(partial(client.store.create, "key", b"", session, timeout=1.0))
            self.heard = "written"
        except StoreError as error:
            self.heard = type(error).__name__
        except Cancelled:
            self.heard = "cancelled"
            raise

    def settled(self, world: World) -> bool:
        return not world.underway

    def at_end(self, world: World) -> None:
        self.outcomes.append((self.heard, bool(world.store.under("key"))))


def outcomes(limits: Limits) -> list[tuple[str, bool]]:
    """What becomes of one request, over all schedules."""
    found: list[tuple[str, bool]] = []
    report = Simulation(type("Case", (OneRequest,), {"outcomes": found}), limits).exhaust(depth=20)
    assert report.complete
    assert not report.findings
    assert len(found) == report.runs
    return sorted(found)


def test_what_becomes_of_an_answer() -> None:
    """Answered; lost and applied; lost and not; refused; applied after one of three times."""
    limits = Limits(crashes=0, answers=1, delays=0, cuts=0, lengths=(1.0, 2.0, 3.0))
    assert outcomes(limits) == sorted(
        [
            ("written", True),
            (OutcomeUnknown.__name__, True),
            (OutcomeUnknown.__name__, False),
            (StoreUnavailable.__name__, False),
            *[(OutcomeUnknown.__name__, True)] * 3,
        ]
    )


def test_a_late_request_outlives_its_session() -> None:
    """Applied only when the session has expired, it writes nothing, and nobody is hurt."""
    found = outcomes(Limits(crashes=0, answers=1, delays=0, cuts=0, lengths=(TTL + 1,)))
    assert found.count((OutcomeUnknown.__name__, False)) == 2


def test_what_a_crash_leaves() -> None:
    """Before the first turn, before the request, or not at all: nothing is heard, or all is done."""
    limits = Limits(crashes=1, answers=0, delays=0, cuts=0)
    assert outcomes(limits) == [("nothing", False), ("nothing", False), ("written", True)]


def test_a_cut_client_hears_that_it_is_cut() -> None:
    """Cut off before the request, it is told that nothing was applied."""
    limits = Limits(crashes=0, answers=0, delays=0, cuts=1, lengths=(5.0,))
    assert outcomes(limits).count((StoreUnavailable.__name__, False)) == 2


def test_a_cancelled_request_goes_on() -> None:
    """Before it began: nothing; while asking: it raises there, and the request is made all the same."""
    limits = Limits(crashes=0, answers=0, delays=0, cuts=0, cancels=1)
    found = outcomes(limits)
    assert ("cancelled", True) in found
    assert ("nothing", False) in found


class CheckThenAct(Scenario):
    """Two clients, each of which looks and writes in one step of two requests."""

    winners: list[int]

    def __init__(self) -> None:
        self.won = 0

    def begin(self, world: World) -> None:
        for name in "ab":
            client = world.client(name)
            client.start(self.act(client))

    async def act(self, client: Client) -> None:
        def step() -> None:
            session = client.store.open_session(TTL, timeout=1.0)
            if not client.store.list("key", timeout=1.0):
                client.store.create(f"key{client}", b"", session, timeout=1.0)
                self.won += 1

        await client.runtime.call(step)

    def at_end(self, world: World) -> None:
        self.winners.append(self.won)


def test_others_come_between_two_requests_of_one_step() -> None:
    """A step that makes several requests is not atomic: both may look before either writes."""
    winners: list[int] = []
    assert Simulation(type("Case", (CheckThenAct,), {"winners": winners}), CALM).exhaust(depth=20).complete
    assert set(winners) == {1, 2}
