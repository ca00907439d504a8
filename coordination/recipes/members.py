"""Who is in a group: looking, and watching who comes and goes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from coordination.bell import Bell
from coordination.record import Record, name_of
from coordination.runtime import Runtime
from coordination.sharing.keeping import Keeping
from coordination.sharing.values import INCARNATION, contender_of
from coordination.timing import Deadline
from coordination.waiting import LOOK_AGAIN

MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class Member:
    """One live member of a group, as it describes itself. `since`: Unix seconds, by its own wall clock.

    `token` rises with every joining of the group, so it tells two incarnations of one machine apart.
    """

    group: str
    machine_id: str
    metadata: dict[str, str]
    host: str
    pid: int
    since: float
    token: int


@dataclass(frozen=True, slots=True)
class MembershipEvent:
    """Somebody came or went."""

    kind: Literal["joined", "left"]
    member: Member


def member_of(record: Record) -> Member:
    """What the record of a member says."""
    value = contender_of(record.value)
    metadata = {key: text for key, text in value.metadata.items() if key != INCARNATION}
    return Member(
        name_of(record.key), value.name, metadata, value.host, value.pid, value.acquired_at, record.created
    )


async def members(
    runtime: Runtime, keeping: Keeping, folder: str, timeout: float | None = None
) -> list[Member]:
    """Those in the folder, by machine id. `timeout`: in seconds, None for the manager's own."""
    step = partial(keeping.store.list, folder, timeout=keeping.timeout if timeout is None else timeout)
    found = [member_of(it) for it in await runtime.call(step) if it.session is not None]
    return sorted(found, key=lambda member: member.machine_id)


async def comings_and_goings(
    runtime: Runtime, keeping: Keeping, folder: str, bound: Deadline
) -> AsyncGenerator[MembershipEvent, None]:
    """Everybody there now as having joined, then each change, until the bound has passed.

    Level-triggered: a notification only says "look again". Who comes and goes between two looks is not
    told; who was replaced by another incarnation is told as left and joined.
    """
    bell = Bell(runtime, keeping.store, folder)
    seen: dict[int, Member] = {}
    try:
        await runtime.call(partial(bell.listen, bound.one_try(keeping.timeout)))
        while True:
            keeping.demand()
            there = await members(runtime, keeping, folder, bound.one_try(keeping.timeout))
            now = {member.token: member for member in there}
            for token in seen.keys() - now.keys():
                yield MembershipEvent("left", seen[token])
            for token in sorted(now.keys() - seen.keys()):
                yield MembershipEvent("joined", now[token])
            seen = now
            if bound.passed:
                return
            await bell.wait(bound.left(LOOK_AGAIN))
    finally:
        bell.close()
