"""Who wants to lead what, and how patiently; and where a leadership is kept."""

from __future__ import annotations

import random
from dataclasses import dataclass

from coordination import arguments
from coordination.arguments import RESERVED
from coordination.clock import Clock
from coordination.errors import ConfigurationError
from coordination.record import key_of
from coordination.store import Capabilities
from coordination.timing import positive, seconds
from coordination.value import LeaseValue

LEADERS = "leaders"

VALUE = f"{RESERVED}value"
"""The entry of the metadata that has what was proclaimed, as `payloads` spells it."""

FOLLOWS = f"{RESERVED}follows"
"""The token of the victim whose end is being waited for: this one does not act yet."""

SUCCESSOR = f"{RESERVED}successor"
"""The machine id of who is to have it next: its holder does not act any more."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a leader was made with. Times in seconds."""

    namespace: str
    name: str
    machine_id: str
    version: int
    ttl: float
    retry: float
    jitter: float
    renew: float

    @property
    def key(self) -> str:
        """Where the leadership is kept."""
        return key_of(self.namespace, LEADERS, self.name)

    def pause(self) -> float:
        """Seconds until it tries again untold."""
        luck = random.uniform(-self.jitter, self.jitter)  # noqa: S311 - jitter, not a secret
        return max(0.0, self.retry + luck)

    def value(self, period: float, metadata: dict[str, str], clock: Clock, secret: str) -> LeaseValue:
        """What its record says."""
        return arguments.holding(self.name, self.machine_id, self.version, period, metadata, clock, secret)


def candidate(
    namespace: str,
    name: str,
    machine_id: str,
    version: object,
    limits: Capabilities,
    *,
    ttl: object,
    retry: object,
    jitter: object,
    renew: object,
) -> Candidate:
    """A candidate whose numbers fit together, or `ConfigurationError`."""
    period = arguments.period(ttl, limits, "ttl")
    again = period / 3 if retry is None else positive(retry, "retry")
    spread = again / 4 if jitter is None else seconds(jitter, "jitter")
    every = period / 3 if renew is None else positive(renew, "renew")
    if not 0 <= spread <= again:
        raise ConfigurationError(f"jitter must be from 0 to retry, {again:g} s, not {spread:g}")
    if every > period / 2:
        raise ConfigurationError(f"renew must be at most half of the ttl, {period / 2:g} s, not {every:g}")
    key_of(namespace, LEADERS, name)
    return Candidate(namespace, name, machine_id, arguments.version(version), period, again, spread, every)
