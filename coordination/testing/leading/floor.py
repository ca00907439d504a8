"""Where only a leader may be: it notices two at once, and whoever comes under an older token."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coordination.term import Term


class Floor:
    """Entered by each leader's work. `wrong` says in words what should not have been, and stays empty.

    `by_clock`: where a leader is cut off from the store it stops by its own clock, and how soon its work
    does that is the machine's doing; so two at work are wrong only if the first one's term is held still.
    """

    def __init__(self, *, by_clock: bool = False) -> None:
        self._by_clock = by_clock
        self.tokens: list[int] = []
        self.versions: list[int] = []
        self.wrong: list[str] = []
        self._inside: list[Term] = []
        self._mutex = threading.Lock()

    def enter(self, term: Term) -> None:
        """A leader begins to work."""
        token, version, held = term.token, term.version, term.held
        with self._mutex:
            if not held:
                self.wrong.append(f"{token} begins to work, and is not held")
            beside = [it.token for it in self._inside if it.held or not self._by_clock]
            if beside:
                self.wrong.append(f"{token} works beside {beside}")
            if self.tokens and token <= self.tokens[-1]:
                self.wrong.append(f"{token} comes after {self.tokens[-1]}")
            if self.versions and version < self.versions[-1]:
                self.wrong.append(f"version {version} works after version {self.versions[-1]}")
            self.tokens.append(token)
            self.versions.append(version)
            self._inside.append(term)

    def leave(self, term: Term) -> None:
        """A leader's work has ended."""
        with self._mutex:
            self._inside.remove(term)
