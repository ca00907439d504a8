"""What became of work under a term: its value, its own error, or the loss that cut it off, kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coordination.errors import CallbackError, RenewError
from coordination.recipes.leading.ending import loss_of
from coordination.recipes.leading.tenure import Tenure
from coordination.titles import title_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one `Leader.run`.

    `ran`: whether it led, and so ran the callback. `value`: what that returned; None if it was cut off.
    `lost`: None, or why the term was lost, also if the callback went on and returned: its `__cause__` is
    a `LeaseLost` with the `reason`.
    """

    ran: bool
    value: Any = None
    lost: RenewError | None = None


def cut_off(tenure: Tenure) -> RenewError:
    """Why work under a lost tenure is cut off."""
    loss = loss_of(tenure)
    error = RenewError(f"{title_of(tenure.grant.key)} was lost: {loss.reason}")
    error.__cause__ = loss
    return error


def sorted_out(
    tenure: Tenure, value: object, error: BaseException | None, lost: RenewError | None
) -> Outcome:
    """The outcome, or what `run` raises: a `CallbackError` for what the callback itself raised.

    What is no `Exception` passes through as it is, unless it comes from the loss.
    """
    if error is None:
        return Outcome(ran=True, value=value, lost=lost)
    if lost is not None and _comes_from_loss(tenure, error):
        return Outcome(ran=True, value=None, lost=lost)
    if not isinstance(error, Exception):
        raise error
    raised = CallbackError(f"the work as leader of {tenure.name!r} raised {error!r}")
    if lost is not None:
        raised.add_note(str(lost))
    raise raised from error


def _comes_from_loss(tenure: Tenure, error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_comes_from_loss(tenure, inner) for inner in error.exceptions)
    return isinstance(error, RenewError) or tenure.is_own(error)
