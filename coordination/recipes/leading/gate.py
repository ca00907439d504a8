"""The version gate of a name: the newest version that has led, below which nobody leads any more.

It is data of the namespace at a key that users cannot name. Whoever leads raises it, in a write that
is applied only while the leadership is his, before his term is handed out; so it only rises.
"""

from __future__ import annotations

from coordination.errors import LeaseCorrupt
from coordination.outcomes import lost_if_replaced
from coordination.recipes.leading.candidate import Candidate
from coordination.recipes.leading.tenure import Tenure
from coordination.record import DATA, encode_segment, key_of
from coordination.store import Store


def gate_key(candidate: Candidate) -> str:
    """Where it is kept: below a key of the user's, which never has a second part."""
    return f"{key_of(candidate.namespace, DATA, 'versions')}/{encode_segment(candidate.name)}"


def read_gate(store: Store, candidate: Candidate, timeout: float) -> int:
    """The version; 0 if it was never set. `LeaseCorrupt` if somebody wrote nonsense there."""
    record = store.read(gate_key(candidate), timeout=timeout)
    if record is None:
        return 0
    try:
        return int(record.value.decode("ascii"))
    except ValueError as error:
        raise LeaseCorrupt(f"the version gate of {candidate.name!r} is no number") from error


def raise_gate(tenure: Tenure, timeout: float) -> None:
    """Set it to our version, which must be higher than it is; `LeaseLost` if we do not lead."""
    candidate = tenure.candidate
    puts = {gate_key(candidate): str(candidate.version).encode()}
    with lost_if_replaced(tenure.grant):
        tenure.keeper.registry.commit(tenure.grant, puts, [], timeout)
