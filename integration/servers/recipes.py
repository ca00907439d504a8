"""What the suites of recipes run on, for each kind of server: real time, and the shortest ttl it grants."""

from __future__ import annotations

import itertools
import secrets
import time
from dataclasses import dataclass
from typing import TypeVar

import pytest

from coordination.clock import default_clock
from coordination.store import Store
from coordination.target import store_at
from coordination.testing import RecipeHarness
from integration.servers.consul_member import SESSION_TTL_MIN
from integration.servers.faces import is_asyncio
from integration.servers.kinds import CONSUL, ETCD, Kind
from integration.servers.ways import Server

Harness = TypeVar("Harness", bound=RecipeHarness)


@dataclass(frozen=True)
class Pace:
    """How fast one kind of server is: what a harness asks of the same names, of one server alone."""

    period: float
    floor: float
    shortest: float
    slack: float
    acquisitions: int


PACES = {
    # It looks for expired leases every half second, and a new leader starts their time anew: on a busy
    # machine members take one another for dead.
    ETCD.name: Pace(period=2.0, floor=2.0, shortest=0.0, slack=8.0, acquisitions=300),
    # It keeps a session for up to twice its ttl, and a new leader starts its time anew.
    CONSUL.name: Pace(
        period=SESSION_TTL_MIN,
        floor=0.0,
        shortest=SESSION_TTL_MIN,
        slack=15.0,
        acquisitions=90,
    ),
}


def harness_on(
    kind: Kind, harness: type[Harness], request: pytest.FixtureRequest, variant: Server
) -> Harness:
    """A harness for one test, in a fixture with the parameters `faces(kind)`.

    It has a prefix of its own, and each of its managers a connection of its own, to the next member. A
    cluster of three is slower than one server, and gets fewer to do.
    """
    pace, alone = PACES[kind.name], variant.members == 1
    members, clock = itertools.cycle(variant.member_urls), default_clock()
    prefix = f"recipes-{secrets.token_hex(6)}"

    def opener() -> Store:
        return store_at(f"{next(members)}/{prefix}", clock, {})

    return harness(
        opener,
        time.sleep,
        period=pace.period,
        floor=pace.floor,
        shortest=pace.shortest,
        slack=pace.slack,
        acquisitions=pace.acquisitions if alone else 90,
        crowd=200 if alone else 60,
        aio=is_asyncio(request, kind),
    )
