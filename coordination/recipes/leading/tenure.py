"""The lease of a leadership, and what its record says."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from coordination import payloads
from coordination.errors import LeaseLost, OutcomeUnknown, StoreError
from coordination.recipes.leading.candidate import FOLLOWS, SUCCESSOR, VALUE, Candidate
from coordination.recipes.leading.ended import Ended
from coordination.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from coordination.grant import Grant
    from coordination.keeper import Keeper


class Tenure(Ended):
    """One acquisition of a leadership. Thread-safe; belongs to the process that got it."""

    def __init__(
        self, keeper: Keeper, candidate: Candidate, grant: Grant, secret: str, acts_at: float | None = None
    ) -> None:
        super().__init__(keeper, candidate.name, grant, secret, acts_at)
        self.candidate = candidate
        self.renew_every = candidate.renew
        self.acknowledged = False

    def entry(self, key: str) -> str | None:
        """An entry of ours in the record's metadata."""
        return self._grant.value.metadata.get(key)

    def write(self, key: str, text: str | None, period: float | None, timeout: float) -> None:
        """A renewal that also writes an entry, or removes it.

        Raises `LeaseLost` if it is not ours any more; `StoreUnavailable` if nothing was written;
        `OutcomeUnknown`, and the next renewal writes it in any case.
        """
        with self._my_turn(timeout), self._amended({key: text}):
            self.renew_now(period, timeout)

    def bequeath_to(self, machine_id: str, timeout: float) -> None:
        """A renewal that says who is to have it next, and not what was proclaimed. Errors as of `write`."""
        with self._my_turn(timeout), self._amended({SUCCESSOR: machine_id, VALUE: None}):
            self.renew_now(None, timeout)

    @contextmanager
    def _amended(self, changes: Mapping[str, str | None]) -> Iterator[None]:
        """The value with these entries, for a write; as it was before, if that was certainly not applied."""
        before = self._grant.value
        entries = {**before.metadata, **changes}
        kept = {name: text for name, text in entries.items() if text is not None}
        amended = replace(before, metadata=kept)
        self._grant.value = amended
        try:
            yield
        except OutcomeUnknown:
            if self._grant.value is amended:
                raise
        except StoreError:
            if self._grant.value is amended:
                self._grant.value = before
                raise
        # Else it was written; only the renewal of the session failed, which the next one makes up for.

    def proclaim(self, value: object) -> None:
        """Have the record say this; None for nothing. Errors as of `write`."""
        text = None if value is None else payloads.encode(value)
        with self.telling():
            self.check()
            self.write(VALUE, text, None, self._keeper.timeout)

    def lead(self, period: float, timeout: float) -> None:
        """What was waited for is over: from now on with our own period, and nobody's follower."""
        self.write(FOLLOWS, None, period, timeout)

    def there(self, record: Record | None) -> bool:
        """Whether this record is ours, by the session it hangs on."""
        return record is not None and self._grant.hangs_on(record.session)

    # What somebody else must not mistake for a loss of his own.

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Mark a `LeaseLost` as one of this leadership."""
        try:
            yield
        except LeaseLost as loss:
            loss.__dict__[_OF] = self
            raise

    def is_own(self, error: BaseException) -> bool:
        """Whether it says that this leadership is lost."""
        return error.__dict__.get(_OF) is self


_OF = "_coordination_tenure"
