"""Which session a record hung on when it was last seen: Consul wants it named to take the record away."""

from __future__ import annotations

import threading
from collections import OrderedDict

from coordination.record import Record

MOST = 4096
"""Records remembered; for one that is not, a steal asks once more."""


class Seen:
    """The sessions of records, by key, each at one index. Safe for threads."""

    def __init__(self) -> None:
        self._mutex = threading.RLock()
        self._holders: OrderedDict[str, tuple[int, str]] = OrderedDict()

    def note(self, record: Record) -> Record:
        """Remember where it hangs; answers the record."""
        with self._mutex:
            self._holders[record.key] = (record.index, record.session or "")
            self._holders.move_to_end(record.key)
            if len(self._holders) > MOST:
                self._holders.popitem(last=False)
        return record

    def holder(self, key: str, index: int) -> str | None:
        """The session of the record at exactly `index`, "" for none; None if that was not seen."""
        seen = self._holders.get(key)
        return seen[1] if seen is not None and seen[0] == index else None
