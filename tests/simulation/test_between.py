"""What happens between two requests of one step: faults, crashes, and time that passes for everybody."""

from __future__ import annotations

import pytest

from coordination.errors import StoreError
from coordination.testing.simulation import Client, Limits, Scenario, Simulation, World

CALM = Limits(crashes=0, answers=0, delays=0, cuts=0, skew=0.0)
SLOW = Limits(crashes=0, answers=0, delays=1, cuts=0, skew=0.0, lengths=(1.5,))
TTL = 15.0


class TwoRequests(Scenario):
    """One client makes two requests in one step, another looks on; what was heard and is there is kept."""

    outcomes: set[tuple[str, tuple[str, ...]]]
    seen: set[tuple[float, tuple[str, ...]]]

    def __init__(self) -> None:
        self.heard = "nothing"

    def begin(self, world: World) -> None:
        writer, reader = world.client("a"), world.client("b")
        writer.start(self.write(writer))
        reader.start(self.look(reader))

    async def write(self, client: Client) -> None:
        session = client.world.store.open_session(TTL, timeout=1.0)

        def step() -> None:
            client.store.create("/one", b"", session, timeout=1.0)
            client.store.create("/two", b"", session, timeout=1.0)

        try:
            await client.runtime.call(step)
            self.heard = "written"
        except StoreError as error:
            self.heard = type(error).__name__

    async def look(self, client: Client) -> None:
        for _ in range(3):
            there = client.world.store.under("/")
            self.seen.add((round(client.world.now, 1), tuple(record.key for record in there)))
            await client.sleep(1.0)

    def at_end(self, world: World) -> None:
        self.outcomes.add((self.heard, tuple(record.key for record in world.store.under("/"))))


def explored(limits: Limits) -> type[TwoRequests]:
    """Every order of it, with the outcomes."""
    case = type("Case", (TwoRequests,), {"outcomes": set(), "seen": set()})
    report = Simulation(case, limits).exhaust(depth=8)
    assert report.complete
    assert not report.findings
    return case


def test_the_second_request_may_be_struck() -> None:
    """Either of them is lost, or only its answer is; the second is not made when the first failed."""
    limits = Limits(crashes=0, answers=1, delays=0, cuts=0, settle=0.1)
    found = explored(limits).outcomes
    assert found >= {
        ("written", ("/one", "/two")),
        ("OutcomeUnknown", ()),
        ("OutcomeUnknown", ("/one",)),
        ("OutcomeUnknown", ("/one", "/two")),
        ("StoreUnavailable", ("/one",)),
    }
    assert all(heard != "nothing" for heard, _ in found)


def test_a_client_may_be_gone_in_the_middle() -> None:
    """Half of it is done, and nobody hears of it; the world goes on to its end."""
    found = explored(Limits(crashes=1, answers=0, delays=0, cuts=0, settle=0.1)).outcomes
    assert ("nothing", ("/one",)) in found
    assert ("nothing", ()) in found


@pytest.mark.parametrize(("limits", "between"), [(CALM, {0.0}), (SLOW, {0.0, 1.0})])
def test_time_passes_in_the_middle(limits: Limits, between: set[float]) -> None:
    """Others see half of it: at once, and as long as the first answer takes, if it is slow."""
    seen = explored(limits).seen
    assert {now for now, there in seen if there == ("/one",)} == between


class Sleeping(Scenario):
    """A step sleeps between two requests, as those do that try again."""

    points: list[float]

    def begin(self, world: World) -> None:
        client = world.client("a")
        client.start(self.ask(client))

    async def ask(self, client: Client) -> None:
        def step() -> None:
            client.store.read("/key", timeout=1.0)
            client.clock.sleep(2.0)
            client.store.read("/key", timeout=1.0)
            self.points.append(client.world.now)

        await client.runtime.call(step)


def test_a_step_may_sleep() -> None:
    """Time passes for everybody before its next request."""
    points: list[float] = []
    case = type("Case", (Sleeping,), {"points": points})
    Simulation(case, CALM).random(1).demand()
    assert points == [2.0]
