"""What the memberships of both faces share: a group, a machine id, and whether we are in."""

from __future__ import annotations

from collections.abc import Callable

from coordination.errors import ConfigurationError
from coordination.recipes.presence import Presence
from coordination.runtime import Runtime
from coordination.sharing.keeping import Keeping


class Group:
    """One machine's place in one group."""

    def __init__(
        self, runtime: Runtime, keeping: Keeping, presence: Presence, folder: str, group: str, machine_id: str
    ) -> None:
        self._runtime = runtime
        self._keeping = keeping
        self._presence = presence
        self._folder = folder
        self._group = group
        self._machine_id = machine_id

    @property
    def group(self) -> str:
        """The name of the group."""
        return self._group

    @property
    def machine_id(self) -> str:
        """Under which we are, or would be, a member."""
        return self._machine_id

    @property
    def joined(self) -> bool:
        """Whether we may believe that we are a member now. No I/O."""
        return self._presence.place is not None

    def on_duplicate(self, callback: Callable[[], object]) -> None:
        """Call `callback()` whenever another live process turns out to want, or have, our machine id."""
        if not callable(callback):
            raise ConfigurationError(f"on_duplicate takes a callable, not {callback!r}")
        self._presence.on_duplicate.append(lambda: self._told(callback))

    def _demand_here(self) -> None:
        """Refuse to end in a child of fork what is not its own."""
        if not self._keeping.home.here:
            self._keeping.demand()

    def _told(self, callback: Callable[[], object]) -> None:
        """Run a callback; asyncio runs it elsewhere."""
        callback()

    def __repr__(self) -> str:
        state = "joined" if self.joined else "not joined"
        return f"<{type(self).__name__} of {self._machine_id!r} in {self._group!r} {state}>"
