"""The scenes of test_lost_answers.py: a step on a lease, and what befalls one of its calls."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from coordination import Lease, connect
from integration.etcd.faults import Outcome, measured
from integration.etcd.steps import (
    LONGER,
    PERIOD,
    Stage,
    Step,
    acquire,
    commit,
    keep,
    lengthen,
    release,
    release_unsure,
    renew,
    steal,
)
from integration.servers.etcd import EtcdCluster
from integration.servers.fault import Fault
from integration.servers.grpc_proxy import GrpcProxy

TIMEOUT = 1.0
LATER = 1.9
"""Seconds: every caller has given up, also one that releases, but nothing has expired."""

FAULTS = {
    "swallowed": Fault(swallow=True),
    "dropped": Fault(drop=True),
    "answered-late": Fault(answer_after=LATER),
    "landing-late": Fault(land_after=LATER),
}


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
        """Seconds that the act may take: a release 1.5 s, anything else half a second beyond its timeout."""
        if self.keeps:
            return 2 * PERIOD + 0.5
        return 1.5 if self.step in (release, release_unsure) else TIMEOUT + 0.5

    @property
    def period(self) -> float:
        """The longest that the store may take the lease for held."""
        return LONGER if self.step is lengthen else PERIOD


STEPS: list[tuple[Step, str]] = [
    (acquire, "LeaseGrant"),
    (acquire, "Txn"),
    (steal, "LeaseGrant"),
    (steal, "Txn"),
    (renew, "Txn"),
    (renew, "LeaseKeepAlive"),
    (lengthen, "LeaseGrant"),
    (lengthen, "Txn"),
    (lengthen, "LeaseRevoke"),
    (commit, "Txn"),
    (release, "Range"),
    (release, "LeaseRevoke"),
    (release_unsure, "Txn"),
    (keep, "Txn"),
    (keep, "LeaseKeepAlive"),
]
SCENES = [
    Scene(step, method, fault)
    for step, method in STEPS
    for fault in FAULTS
    if (method, fault)
    != ("LeaseKeepAlive", "landing-late")  # A stream keeps its order: all of it would be late.
]


@dataclass(frozen=True)
class Story:
    """What became of one scene."""

    befell: bool
    act: Outcome[Any]
    lost: str | None
    kept: bool
    recovered: float
    two_holders: bool
    tokens: tuple[int, int]


def played(node: EtcdCluster, scene: Scene) -> Story:
    """Play it; once more if the machine was too busy for the act to come as far as its fault."""
    for attempt in range(3):
        story = _once(node, scene, f"{scene}-{attempt}")
        if story.befell:
            break
    return story


def _once(node: EtcdCluster, scene: Scene, name: str) -> Story:
    with (
        GrpcProxy(node.endpoints[0]) as proxy,
        connect(f"etcd://{proxy.endpoint}", machine_id="a", timeout=TIMEOUT) as a,
        connect(node.url, machine_id="b") as b,
    ):
        a.wait_lease(f"{name}-connected", period=PERIOD, timeout=10.0).release()
        act, lease = scene.step(Stage(a, b, proxy, name))
        proxy.next(scene.method, FAULTS[scene.fault])
        acted = measured(act)
        began = time.monotonic()
        if isinstance(acted.value, Lease):
            lease = acted.value
        lost = None if lease is None else lease.lost
        kept = lease is not None and lease.held
        if lease is not None and (scene.keeps or isinstance(acted.value, Lease)):
            lease.release()
        after = b.wait_lease(name, period=PERIOD, timeout=20.0)
        recovered = time.monotonic() - began
        two_holders = lease is not None and lease.held
        tokens = (0 if lease is None else lease.token, after.token)
        after.release()
        return Story(proxy.pending(scene.method) == 0, acted, lost, kept, recovered, two_holders, tokens)
