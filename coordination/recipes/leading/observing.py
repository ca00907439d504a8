"""Who leads, and each change of that: another term, another value proclaimed, a takeover that is over."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from coordination import payloads
from coordination.bell import Bell
from coordination.errors import ConfigurationError
from coordination.recipes.leading.candidate import FOLLOWS, VALUE, Candidate
from coordination.timing import Deadline
from coordination.value import LeaseValue, decode
from coordination.waiting import LOOK_AGAIN, patiently

if TYPE_CHECKING:
    from coordination.keeper import Keeper
    from coordination.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Incumbent:
    """Who leads, as of the moment of the look.

    `token` is its fencing token, `value` what it has proclaimed (None if nothing), `since` the Unix time
    at which it won, by its own wall clock. `taking_over`: it has won, and waits until the one before it
    has certainly stopped; it does not act yet.
    """

    name: str
    machine_id: str
    version: int
    token: int
    value: Any
    host: str
    pid: int
    since: float
    taking_over: bool


def proclaimed(value: LeaseValue) -> Any:
    """What was proclaimed; None for what makes no sense, which anybody may have written."""
    text = value.metadata.get(VALUE)
    if text is not None:
        with suppress(ConfigurationError):
            return payloads.decode(text)
    return None


def look(keeper: Keeper, candidate: Candidate, timeout: float) -> tuple[Incumbent | None, float | None]:
    """Who leads, and how many seconds that one has left, where the store says so."""
    keeper.demand()
    record = keeper.store.read(candidate.key, timeout=timeout)
    if record is None:
        return None, None
    value = decode(record.value)
    incumbent = Incumbent(
        name=candidate.name,
        machine_id=value.machine_id,
        version=value.version,
        token=value.token or record.index,
        value=proclaimed(value),
        host=value.host,
        pid=value.pid,
        since=value.acquired_at,
        taking_over=FOLLOWS in value.metadata,
    )
    return incumbent, record.time_left


async def observed(
    runtime: Runtime, keeper: Keeper, candidate: Candidate, timeout: float | None
) -> AsyncGenerator[Incumbent | None, None]:
    """The current one, then each change, for `timeout` seconds; rides out a store that is out of reach."""
    bell = Bell(runtime, keeper.store, candidate.key)
    bound = Deadline(runtime.clock, timeout)
    seen: tuple[int, str, bool] | None = None
    first = True
    try:
        await patiently(runtime, bound, partial(bell.listen, keeper.timeout))
        while True:
            now, left = await patiently(runtime, bound, partial(look, keeper, candidate, keeper.timeout))
            state = None if now is None else (now.token, repr(now.value), now.taking_over)
            if first or state != seen:
                yield now
            first, seen = False, state
            if bound.passed:
                return
            await bell.wait(bound.left(_pause(left)))
    finally:
        bell.close()


def _pause(left: float | None) -> float:
    """Seconds until it is worth looking again; a store may keep a record for longer than it need."""
    if left is None:
        return LOOK_AGAIN
    return min(LOOK_AGAIN, left + 0.01) if left > 0 else LOOK_AGAIN / 8
