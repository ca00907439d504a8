"""What the leaders of both faces share: who stands for what, and what is asked of the user."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from coordination import arguments
from coordination.errors import CallbackError, LeaseLost
from coordination.keeper import Keeper
from coordination.recipes.leading.campaign import Campaign
from coordination.recipes.leading.candidate import Candidate
from coordination.recipes.leading.tenure import Tenure
from coordination.recipes.leading.working import Heir
from coordination.runtime import Runtime
from coordination.term import TermFacts
from coordination.timing import Seconds, waiting

SHORTEST = 2.0
"""Seconds that a leadership is kept for the one it is handed to, at least, unless the caller says."""


class Standing(ABC):
    """What the leaders of both faces share."""

    def __init__(
        self,
        runtime: Runtime,
        keeper: Keeper,
        candidate: Candidate,
        eligible: Callable[[], Any] | None,
    ) -> None:
        self._runtime = runtime
        self._keeper = keeper
        self._candidate = candidate
        self._asked = eligible

    @property
    def name(self) -> str:
        """What it wants to lead."""
        return self._candidate.name

    @property
    def machine_id(self) -> str:
        """Who it is, as people read it."""
        return self._candidate.machine_id

    @property
    def version(self) -> int:
        """Its version: it takes over from older ones, and does not compete once a newer one has led."""
        return self._candidate.version

    @property
    def ttl(self) -> float:
        """Seconds after which others may lead when this process is gone."""
        return self._candidate.ttl

    @property
    def runtime(self) -> Runtime:
        """What it waits by; not for users."""
        return self._runtime

    def __repr__(self) -> str:
        who = f"{self.name!r} by {self.machine_id!r} version={self.version}"
        return f"<{type(self).__name__} of {who} ttl={self.ttl:g}>"

    def _campaign(self, timeout: float | None) -> Campaign:
        self._keeper.demand()
        return Campaign(self._runtime, self._keeper, self._candidate, self._eligible, timeout)

    async def _eligible(self) -> bool:
        """Whether it may compete just now, as the user's callable says."""
        if self._asked is None:
            return True
        try:
            return bool(await self._answer(self._asked))
        except Exception as error:
            raise CallbackError(f"eligible, of the leader of {self.name!r}, raised {error!r}") from error

    @abstractmethod
    async def _answer(self, asked: Callable[[], Any]) -> object:
        """What the user's callable says."""

    def _heir(self, to: str, timeout: Seconds | None) -> Heir:
        within = waiting(timeout)
        usual = max(SHORTEST, 2 * self._candidate.retry)
        return Heir(arguments.machine(to, ""), usual if within is None else within)

    def _mine(self, term: TermFacts | None) -> Tenure:
        """What we have; `LeaseLost` if we have nothing."""
        if term is None:
            raise LeaseLost(f"leadership of {self.name!r} is not held by this leader", reason="released")
        return term.tenure
