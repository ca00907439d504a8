"""Making the look: one list for each kind. The only part that asks the store."""

from __future__ import annotations

from functools import partial

from coordination.pooling.keys import MACHINES, OWNERS
from coordination.recipes.leading.candidate import LEADERS
from coordination.recipes.members import MEMBERS
from coordination.recipes.overview import parsing
from coordination.recipes.overview.model import Overview
from coordination.record import DATA, LEASES, encode_segment
from coordination.runtime import Runtime
from coordination.sharing.keeping import Keeping
from coordination.sharing.values import LOCKS
from coordination.store import Records

UNITS = f"{DATA}/units"
"""Where pools keep what their units are."""


async def survey(runtime: Runtime, keeping: Keeping) -> Overview:
    """Everything in the namespace now; seven requests of the manager's timeout each."""
    keeping.demand()
    start = encode_segment(keeping.namespace, "namespace")

    async def listed(kind: str) -> Records:
        step = partial(keeping.store.list, f"{start}/{kind}/", timeout=keeping.timeout)
        return await runtime.call(step)

    now = runtime.clock.wall()
    return Overview(
        at=now,
        leases=parsing.leases(await listed(LEASES), now),
        leaders=parsing.leaders(await listed(LEADERS), now),
        locks=parsing.locks(await listed(LOCKS)),
        pools=parsing.pools(await listed(UNITS), await listed(OWNERS), await listed(MACHINES)),
        groups=parsing.groups(await listed(MEMBERS)),
    )
