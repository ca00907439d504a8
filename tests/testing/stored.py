"""The one record that the tests of the faulty store write, and whether it is there."""

from __future__ import annotations

from coordination.stores.memory import MemoryStore

KEY = "/leases/a"


def stored(inner: MemoryStore) -> bool:
    """True if the record was written."""
    return inner.read(KEY, timeout=5.0) is not None
