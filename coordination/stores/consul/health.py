"""Asking every agent how it is: what `Manager.health` tells an operator."""

from __future__ import annotations

from coordination.clock import SystemClock
from coordination.errors import PermissionDenied, StoreUnavailable
from coordination.store import Conditions
from coordination.stores.consul.access import demand_readable
from coordination.stores.consul.agent import Agent
from coordination.stores.consul.answers import nonsense, parsed
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.failures import Failure
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.message import Answer, Request
from coordination.timing import Deadline

_LEADER = Request("GET", "/v1/status/leader")


class Examination:
    """`remarks` are what was noticed without asking anybody."""

    def __init__(self, cluster: Cluster, keys: Keys, remarks: Conditions) -> None:
        self._cluster = cluster
        self._folder = keys.folder("/leases/")
        self._remarks = remarks

    def conditions(self, timeout: float) -> Conditions:
        """One sentence for each thing that is wrong; raises if no agent is of use, or none lets us in."""
        self._cluster.demand()
        bound = Deadline(SystemClock(), timeout)
        found = [*self._remarks]
        agents = self._cluster.agents
        failures: list[Failure] = []
        for place, agent in enumerate(agents):
            try:
                leader = self._leader(agent, bound.left(timeout) / (len(agents) - place + 1))
            except Failure as failure:
                failures.append(failure)
                found.append(f"an agent is of no use: {failure.error}")
                continue
            if not leader:
                found.append(f"Consul at {agent.address} knows of no leader: nothing can be written or read")
        if len(failures) == len(agents):
            raise failures[0].error
        try:
            demand_readable(self._cluster, self._folder, bound.left(timeout))
        except PermissionDenied as denied:
            found.append(f"what lies under our prefix may not be read: {denied}")
        except StoreUnavailable as unavailable:
            found.append(f"a consistent read failed: {unavailable}")
        return found

    def _leader(self, agent: Agent, timeout: float) -> str:
        until = SystemClock().now() + timeout
        return self._cluster.asked(agent, self._cluster.scoped(_LEADER), _text, until, (200,))


def _text(answer: Answer) -> str:
    leader = parsed(answer)
    if not isinstance(leader, str):
        raise nonsense("no address of a leader")
    return leader
