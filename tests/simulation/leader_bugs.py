"""Bugs seeded into the real leader election, in one place each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from coordination.bell import Bell
from coordination.errors import LeaseLost
from coordination.recipes.leading import campaign
from coordination.recipes.leading.acknowledging import acknowledge
from coordination.recipes.leading.campaign import Campaign
from coordination.recipes.leading.candidate import SUCCESSOR
from coordination.recipes.leading.ending import end
from coordination.recipes.leading.gate import raise_gate, read_gate
from coordination.recipes.leading.takeover import Takeover
from coordination.recipes.leading.taking import Taking
from coordination.recipes.leading.tenure import Tenure
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.testing.simulation import leader_parts
from coordination.testing.simulation.leader_parts import TTL, Leaders
from coordination.testing.simulation.leader_plans import LONG
from coordination.testing.simulation.leaders import Chains, Elections, Takeovers
from coordination.timing import margin
from coordination.value import decode
from tests.simulation.seeding import Bug


async def no_wait(takeover: Takeover, tenure: Tenure) -> bool:
    """`Takeover._wait_out`: whoever was stolen from is taken for gone."""
    return True


def one_margin(takeover: Takeover, *args: Any) -> None:
    """`Takeover.__init__`: the victim's period as it is, although two clocks measure it.

    This one was not seeded: the simulator found it.
    """
    BEGUN(takeover, *args)
    takeover._wait = args[1].ttl or TTL


def own_period(takeover: Takeover, *args: Any) -> None:
    """`Takeover.__init__`: waits for as long as it would last itself, not for as long as the victim."""
    BEGUN(takeover, *args)
    takeover._wait = takeover._ttl + margin(takeover._ttl)


def acknowledged_at_once(tenure: Tenure, reason: str) -> None:
    """`Tenure.lose`: the thief is told that the work has stopped when it only was told to."""
    first = tenure._fate.lost is None
    LOSE(tenure, reason)
    if first and reason == "stolen":
        tenure.keeper.clean_at(0.0, partial(_acknowledge, tenure))


async def _acknowledge(tenure: Tenure, runtime: Runtime) -> None:
    await acknowledge(runtime, tenure)


def listens_to_followers(takeover: Takeover, *args: Any) -> None:
    """`Takeover.__init__`: whoever was still waiting for another's end is believed that nobody acts."""
    BEGUN(takeover, *args)
    takeover._may_acknowledge = True


async def follower_acknowledges(takeover: Takeover, tenure: Tenure) -> bool:
    """`Takeover._wait_out`, which goes with it: the follower says so, although it cannot know."""
    try:
        return await WAIT_OUT(takeover, tenure)
    except LeaseLost:
        tenure.grant.value = replace(tenure.grant.value, metadata={})
        await acknowledge(takeover._campaign.runtime, tenure)
        raise


def not_outvoted(it: Campaign, left: float) -> int:
    """`Campaign._gate`: looked at before the record is ours only; an older one acquires after a newer one."""
    gate = read_gate(it.keeper.store, it.candidate, left)
    return (
        gate
        if it.keeper.store.read(it.candidate.key, timeout=left) is None
        else min(gate, it.candidate.version)
    )


def gate_later(tenure: Tenure, timeout: float) -> None:
    """`campaign.raise_gate`: the term is handed out while the gate is still being raised."""
    tenure.keeper.clean_at(tenure.keeper.clock.now() + 0.5, partial(_raise, tenure))


async def _raise(tenure: Tenure, runtime: Runtime) -> None:
    if tenure.held:
        await runtime.call(partial(raise_gate, tenure, 1.0))


def token_kept(taking: Taking, seen: Record, *args: Any) -> Tenure | None:
    """`Taking.steal`: the token of the victim, not of the write that took it from him."""
    tenure = STEAL(taking, seen, *args)
    if tenure is not None:
        tenure.grant.token = decode(seen.value).token or seen.index
    return tenure


async def resigned_at_once(runtime: Runtime, tenure: Tenure) -> bool:
    """`handover.resign`: released while the work still goes on."""
    return await end(runtime, tenure)


async def succeeds_in_any_case(it: Campaign, seen: Record) -> Tenure | None:
    """`Campaign._taken`: what was left for one candidate is taken by whoever comes first."""
    if SUCCESSOR in decode(seen.value).metadata:
        return await it._succeeded(seen)
    return await TAKEN(it, seen)


def retired_at_once(tenure: Tenure) -> None:
    """`Tenure.retire`: a takeover that was given up frees the record while the victim still acts."""
    tenure.acts_at = None
    RETIRE(tenure)


def closed_under_work(tenure: Tenure, timeout: float) -> bool:
    """`Tenure.release_within`: the manager's end releases what somebody still works under."""
    tenure.working = None
    return RELEASE_WITHIN(tenure, timeout)


def deaf(bell: Bell, key: str, index: int) -> None:
    """`Bell._ring`: that the leadership has become free is not heard, only seen at the next look."""


def kept_for_nobody(tenure: Tenure) -> None:
    """`Tenure.retire`: what was won although nobody wants it any more is renewed for ever."""
    if tenure.held:
        tenure.keep_alive()


class Hurried(Leaders):
    """Whoever takes over has little time for it, and gives up."""

    work_for = (15.0,)
    wait_for = (1.0, 3.0)
    wind_up_for = (9.0,)
    versions = ((1,), (2,), (1, 3))
    parts = (Leaders.leads, Leaders.hurries)


STEAL, LOSE, BEGUN, WAIT_OUT = Taking.steal, Tenure.lose, Takeover.__init__, Takeover._wait_out
TAKEN, RETIRE, RELEASE_WITHIN = Campaign._taken, Tenure.retire, Tenure.release_within

LEADER_BUGS = {
    "takeover does not wait": Bug(((Takeover, "_wait_out", no_wait),), Takeovers),
    "one clock's margin for two": Bug(((Takeover, "__init__", one_margin),), Chains, LONG),
    "own period waited for": Bug(((Takeover, "__init__", own_period),), Chains),
    "acknowledged before the work stopped": Bug(((Tenure, "lose", acknowledged_at_once),), Takeovers),
    "a follower's acknowledgement counts": Bug(
        (
            (Takeover, "__init__", listens_to_followers),
            (Takeover, "_wait_out", follower_acknowledges),
        ),
        Chains,
    ),
    "gate not looked at again": Bug(((Campaign, "_gate", not_outvoted),), Takeovers),
    "gate raised after the term was handed out": Bug(((campaign, "raise_gate", gate_later),), Takeovers),
    "token kept": Bug(((Taking, "steal", token_kept),), Takeovers),
    "resigned before the work ended": Bug(((leader_parts, "resign", resigned_at_once),), Elections),
    "taken by another": Bug(((Campaign, "_taken", succeeds_in_any_case),), Elections),
    "takeover given up and freed": Bug(((Tenure, "retire", retired_at_once),), Hurried),
    "candidate is deaf": Bug(((Bell, "_ring", deaf),), Elections),
    "kept for nobody": Bug(((Tenure, "retire", kept_for_nobody),), Takeovers),
    "closed under work": Bug(((Tenure, "release_within", closed_under_work),), Elections),
}
