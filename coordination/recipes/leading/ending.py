"""Releasing a term when its work has stopped; and telling the one who stole it that it has."""

from __future__ import annotations

from functools import partial

from coordination.errors import LeaseLost, StoreError, StoreUnavailable
from coordination.lease import RELEASING
from coordination.recipes.leading.acknowledging import acknowledge
from coordination.recipes.leading.tenure import Tenure
from coordination.runtime import Runtime
from coordination.titles import title_of


async def end(runtime: Runtime, tenure: Tenure) -> bool:
    """Release it: True if it was ours, False if it had been given up; `LeaseLost` if it was lost.

    What cannot be finished within a second goes on in the background. If it was stolen, the thief is
    told that its work has stopped, so it must have.
    """
    with tenure.telling():
        if tenure.lost is not None:
            await acknowledge(runtime, tenure)
            raise loss_of(tenure)
        if not tenure.leave():
            return False
        try:
            await runtime.call(partial(tenure.left, RELEASING), leaving=True)
        except LeaseLost:
            await acknowledge(runtime, tenure)
            raise
        except StoreUnavailable:  # There was no thread for it.
            tenure.finish_later()
        except StoreError as error:
            tenure.keeper.warn("release-unconfirmed", name=tenure.name, error=str(error))
        return True


def loss_of(tenure: Tenure) -> LeaseLost:
    """What says that it is not ours any more."""
    reason = tenure.lost or "released"
    return LeaseLost(f"{title_of(tenure.grant.key)} is not held: {reason}", reason=reason)
