"""Taking a leadership over from an older version, whose work may go on for as long as it may believe.

Its renewals go on until the steal lands, so from the answer on its whole period is waited out, or until
it acknowledges that its work has stopped. The record is ours meanwhile, on a session that lasts longer
than that, so that nobody acts too early even if we do not come to an end; and a victim that was itself
still waiting for another's end is waited for as long as that one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from coordination.bell import Bell
from coordination.errors import LeaseLost
from coordination.recipes.leading.acknowledging import ack_key
from coordination.recipes.leading.candidate import FOLLOWS
from coordination.timing import margin
from coordination.titles import title_of

if TYPE_CHECKING:
    from coordination.recipes.leading.campaign import Campaign
    from coordination.recipes.leading.tenure import Tenure
    from coordination.record import Record
    from coordination.value import LeaseValue


class Takeover:
    """From one victim, as it was seen."""

    def __init__(self, campaign: Campaign, seen: Record, value: LeaseValue) -> None:
        self._campaign = campaign
        self._keeper = campaign.keeper
        self._seen = seen
        self._ttl = campaign.candidate.ttl
        self._token = value.token or seen.index
        self._may_acknowledge = FOLLOWS not in value.metadata
        period = seen.ttl or value.period or self._ttl
        # It counts its period by its clock and we wait by ours: a margin for each of them.
        self._wait = period + margin(period)

    async def run(self) -> Tenure | None:
        """The tenure, when it may act; None if it was not to be, or the campaign was stopped."""
        campaign, entries = self._campaign, {FOLLOWS: str(self._token)}
        whole = self._ttl + self._wait
        whole = min(whole + margin(whole), self._keeper.store.capabilities.longest_ttl)
        tenure = await campaign.won(
            lambda left: campaign.taking.steal(self._seen, whole, entries, self._wait, left)
        )
        if tenure is None:
            return None
        self._keeper.events.info(
            "leadership-taken-over", name=tenure.name, token=tenure.token, follows=self._token
        )
        try:
            over = await self._wait_out(tenure)
        except LeaseLost:
            return None
        if not over:
            campaign.abandon()
            return None
        tenure.acts_at = None
        return await campaign.confirmed(tenure, partial(tenure.lead, self._ttl))

    async def _wait_out(self, tenure: Tenure) -> bool:
        """Until the victim cannot act any more; False if the campaign was stopped first."""
        campaign, until = self._campaign, tenure.acts_at or 0.0
        key = ack_key(campaign.candidate, self._token)
        bell = Bell(campaign.runtime, self._keeper.store, key, campaign.rung)
        try:
            if self._may_acknowledge:
                await campaign.asked(bell.listen)
            while not campaign.stopped:
                if self._may_acknowledge and await campaign.asked(partial(self._acknowledged, key)):
                    return True
                left = until - campaign.runtime.clock.now()
                if left <= 0:
                    return True
                await campaign.pause(left)
                await campaign.under(tenure, partial(self._look, tenure))
            return False
        finally:
            bell.close()

    def _acknowledged(self, key: str, left: float) -> bool:
        return self._keeper.store.read(key, timeout=left) is not None

    def _look(self, tenure: Tenure, left: float) -> None:
        """Raise `LeaseLost` if somebody has taken it from us meanwhile."""
        reason = self._keeper.registry.look(tenure.grant, left)
        if reason is not None:
            raise LeaseLost(f"{title_of(tenure.grant.key)} was lost: {reason}", reason=reason)
