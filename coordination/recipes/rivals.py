"""Two under one name: what to say to whoever came second."""

from __future__ import annotations

from coordination.errors import DuplicateMember
from coordination.recipes.members import member_of
from coordination.record import Record, decode_segment


def taken(key: str, record: Record, *, alive: bool = True) -> DuplicateMember:
    """That the name of this key is another's, whose record is there; `alive`: he has answered."""
    group, _, name = key.split("/", 2)[2].partition("/")
    member = member_of(record)
    remedy = "give each process a machine_id of its own"
    if not alive:
        remedy += "; or, if it is dead, wait until its record expires"
    return DuplicateMember(
        f"{decode_segment(name)!r} is in {decode_segment(group)!r} already: "
        f"process {member.pid} on {member.host}; {remedy}",
        holder=member,
        alive=alive,
    )
