"""What a store may offer for contenders that share a session: optional protocols beside the contract.

Where a store has none of it, `sharing` does the same with the contract's own calls, in more requests.
Keys of contenders are `NAMESPACE/KIND/NAME/CONTENDER`; the folder `NAMESPACE/KIND/NAME/` is the queue,
ordered by `created`. Nobody writes a contender's record a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from coordination.record import Record, Session
from coordination.store import Subscription

Removed = Callable[[str], None]
"""Called with a key that is gone; a hint, like every notification: look again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A contender's own record, alive, and who was there before it and still is.

    `ahead` holds keys, the nearest first: at least the nearest one if there is any. `left`: seconds
    after which the nearest one expires unless it is renewed; None where the store tells of expiry.
    """

    record: Record
    ahead: tuple[str, ...]
    left: float | None = None


@runtime_checkable
class Queues(Protocol):
    """Optional: what a contender asks, each in one linearizable request."""

    def enter(
        self, key: str, value: bytes, session: Session, *, alone: bool, timeout: float
    ) -> Standing | None:
        """`create`, and who is ahead as of that moment; None if a live record has the key.

        With `alone` a store may answer None and write nothing where anybody is ahead; it need not.
        """
        ...

    def standing(self, before: Standing, *, timeout: float) -> Standing | None:
        """Who is still ahead of this record; None if the record itself, as created then, is gone."""
        ...


@runtime_checkable
class Departures(Protocol):
    """Optional: being told of everybody who leaves a folder, for no more than one message each."""

    def departures(self, folder: str, removed: Removed, *, timeout: float) -> Subscription:
        """Call `removed` for each key below `folder` (it ends in a slash) that goes from now on.

        Or with the folder itself, when some may have gone unseen. As quick, and as forbidden to call
        the store, as a `Notify`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Proof:
    """What a look at the records of a session found out."""

    gone: frozenset[str]
    """Of those expected: not there any more as created then."""
    strays: Mapping[str, int]
    """On the session, but not expected, by key with their index."""


@runtime_checkable
class Proofs(Protocol):
    """Optional: proving many records of one session in few requests."""

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], *, timeout: float
    ) -> Proof:
        """Whether each of `expected` (key: created) is still there as created then, on the session.

        `strays` has those of `doubtful` that are there; a store that can list what hangs on a session
        names all others that do as well, in the first proof and now and then. What it says is gone is
        gone linearizably; that the rest is there may rest on the list of a server that believes to be
        the leader, as long as every record is proven linearizably in turn. Everything is gone if the
        session is dead.
        """
        ...
