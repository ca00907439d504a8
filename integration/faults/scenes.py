"""The scenes of test_lost_answers.py: a step on a lease, and what befalls one of its calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from coordination import Lease, OutcomeUnknown, StoreUnavailable, connect
from integration.faults.held import let_go
from integration.faults.measuring import Outcome, hiccups, measured, standstills
from integration.faults.steps import (
    KEPT,
    LONGER,
    PATIENCE,
    PERIOD,
    Stage,
    Step,
    Way,
    acquire,
    keep,
    lengthen,
    release_unsure,
    steal,
)
from integration.faults.steps import release as give_up
from integration.servers.fault import Fault

TIMEOUT = 1.0
LATER = 1.9
"""Seconds: every caller has given up, also one that releases, but nothing has expired."""

STANDSTILL = 0.2
"""Seconds that nobody ran after which it says nothing if an act took too long: it has half a second more."""

FAULTS = {
    "swallowed": Fault(swallow=True),
    "dropped": Fault(drop=True),
    "answered-late": Fault(answer_after=LATER),
    "landing-late": Fault(land_after=LATER),
}


@dataclass(frozen=True)
class Wire:
    """How a store's calls travel: which proxy goes before it, and how calls are told apart there."""

    scheme: str
    proxy: Callable[[str], AbstractContextManager[Way]]
    writing: str
    """The method that writes a record."""
    match: Callable[[str], Any] = str
    """What the proxy matches a method by."""
    expiry: float = 1.0
    """How many periods the server may take until a session that nobody renews is gone."""


@dataclass(frozen=True)
class Scene:
    """One step, during which one call of one method meets one fault."""

    step: Step
    method: str
    fault: str

    def __str__(self) -> str:
        return f"{self.step.__name__}-{self.method}-{self.fault}"

    @property
    def keeps(self) -> bool:
        """Whether it is the heartbeat that meets it."""
        return self.step is keep

    @property
    def takes(self) -> bool:
        """Whether it takes a lease that nobody else is after."""
        return self.step in (acquire, steal)

    @property
    def bound(self) -> float:
        """Seconds that a call may take: a release 1.5 s, anything else half a second beyond its timeout."""
        return 1.5 if self.step in (give_up, release_unsure) else TIMEOUT + 0.5

    @property
    def period(self) -> float:
        """The period that the lease has at the end, in seconds."""
        if self.keeps:
            return KEPT
        return LONGER if self.step is lengthen else PERIOD


@dataclass(frozen=True)
class Story:
    """What became of one scene."""

    befell: bool
    stood_still: float
    """Seconds until the end of the act that this machine let nobody run: of a long one at a time, at most."""
    act: Outcome[Any]
    lost: str | None
    kept: bool
    recovered: float
    """Seconds until somebody else had the lease, without those in which this machine stood still."""
    two_holders: bool
    tokens: tuple[int, int]


def played(wire: Wire, endpoint: str, scene: Scene) -> Story:
    """Play it; at most twice more if what it tells of is not us, but a busy machine."""
    for attempt in range(3):
        story = _once(wire, endpoint, scene, f"{scene}-{attempt}")
        if story.befell and (_in_time(scene, story) or story.stood_still < STANDSTILL):
            break
    return story


def _in_time(scene: Scene, story: Story) -> bool:
    return story.lost is None and (scene.keeps or story.act.took <= scene.bound)


def told(stories: dict[Scene, Outcome[Story]], scene: Scene) -> Story:
    """The story of a scene that could be played, and in which the fault did befall a call."""
    outcome = stories[scene]
    assert outcome.error is None, outcome.error
    assert outcome.value is not None
    assert outcome.value.befell, "the fault befell nobody: this shows nothing"
    return outcome.value


def assert_one_holder(wire: Wire, scene: Scene, story: Story) -> None:
    """Never two holders, a higher token for the next one, who gets it in time; errors of the right kind."""
    assert not story.two_holders
    assert story.tokens[0] < story.tokens[1]
    period = PERIOD if scene.keeps else scene.period  # What was kept was released.
    assert story.recovered <= period * wire.expiry + 2.0
    assert story.act.error is None or isinstance(story.act.error, (StoreUnavailable, OutcomeUnknown))
    assert story.lost is None
    if scene.takes and story.act.error is None:
        assert story.act.value is not None, "it says that another holds it, and there is no other"


def _once(wire: Wire, endpoint: str, scene: Scene, name: str) -> Story:
    match = wire.match(scene.method)
    with (
        wire.proxy(endpoint) as proxy,
        connect(f"{wire.scheme}://{proxy.endpoint}", machine_id="a", timeout=TIMEOUT) as a,
        connect(f"{wire.scheme}://{endpoint}", machine_id="b") as b,
    ):
        let_go(a.wait_lease(f"{name}-connected", period=PERIOD, timeout=PATIENCE))
        with standstills() as stood_still:
            act, lease = scene.step(Stage(a, b, proxy, name, wire.match(wire.writing)))
            proxy.next(match, FAULTS[scene.fault])
            acted = measured(act)
        began = time.monotonic()
        if isinstance(acted.value, Lease):
            lease = acted.value
        lost = None if lease is None else lease.lost
        kept = lease is not None and lease.held
        if lease is not None and lost is None and (scene.keeps or isinstance(acted.value, Lease)):
            let_go(lease)
        with hiccups() as held_up:
            after = b.wait_lease(name, period=PERIOD, timeout=PATIENCE)
            recovered = time.monotonic() - began - held_up()
        two_holders = lease is not None and lease.held
        tokens = (0 if lease is None else lease.token, after.token)
        let_go(after)
        befell = proxy.pending(match) == 0
        still = max(stood_still) if scene.keeps else sum(stood_still)
        return Story(befell, still, acted, lost, kept, recovered, two_holders, tokens)
