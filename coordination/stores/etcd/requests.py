"""The transactions that the contract's calls are made of, and what their answers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coordination.errors import OutcomeUnknown, SessionLost
from coordination.record import Record, Session
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.schema import CREATE, LEASE, MOD

_Txn = message("TxnRequest")
_Compare = message("Compare")
_Op = message("RequestOp")
_Put = message("PutRequest")
_Delete = message("DeleteRangeRequest")


def create(key: bytes, value: bytes, lease: int) -> Any:
    """Put it if it is not there."""
    return _Txn(
        compare=[_Compare(target=CREATE, key=key, create_revision=0)],
        success=[_Op(request_put=_Put(key=key, value=value, lease=lease))],
    )


def replace(key: bytes, value: bytes, lease: int, index: int) -> Any:
    """Put it if its revision is still `index`; the answer shows what was there, for its creation."""
    return _Txn(
        compare=[_Compare(target=MOD, key=key, mod_revision=index)],
        success=[_Op(request_put=_Put(key=key, value=value, lease=lease, prev_kv=True))],
    )


def delete(key: bytes, index: int) -> Any:
    """Delete it if its revision is still `index`."""
    return _Txn(
        compare=[_Compare(target=MOD, key=key, mod_revision=index)],
        success=[_Op(request_delete_range=_Delete(key=key))],
    )


def commit(
    guard: bytes, lease: int, created: int | None, puts: Mapping[bytes, bytes], deletes: Sequence[bytes]
) -> Any:
    """Write all of it if `guard` hangs on `lease`, as created then; a key that is not there hangs on none."""
    conditions = [_Compare(target=LEASE, key=guard, lease=lease)]
    if created is not None:
        conditions.append(_Compare(target=CREATE, key=guard, create_revision=created))
    writes = [_Op(request_put=_Put(key=key, value=value)) for key, value in puts.items()]
    removals = [_Op(request_delete_range=_Delete(key=key)) for key in dict.fromkeys(deletes)]
    return _Txn(compare=conditions, success=[*writes, *removals])


def together(transactions: Sequence[Any]) -> Any:
    """All of them in one, each with its own condition: the one need not hold for the other to be applied."""
    return _Txn(success=[_Op(request_txn=transaction) for transaction in transactions])


def session_id(lease: int) -> str:
    """As etcdctl shows a lease."""
    return format(lease, "016x")


def lease_of(session: Session) -> int:
    """0, which no lease has, for an id that is none of ours."""
    try:
        lease = int(session.id, 16)
    except ValueError:
        return 0
    return lease if 0 < lease < 2**63 else 0


def lease_for(session: Session) -> int:
    """The lease to hang a record on; `SessionLost` for an id that is none of ours."""
    lease = lease_of(session)
    if not lease:
        raise SessionLost(f"the session {session.id!r} is none of etcd's")
    return lease


def record_of(key: str, pair: Any, ttl: float | None = None, left: float | None = None) -> Record:
    """What etcd answered, as a record."""
    session = session_id(pair.lease) if pair.lease else None
    return Record(key, pair.value, pair.create_revision, pair.mod_revision, session, ttl, left)


def replaced(key: str, value: bytes, session: Session, answer: Any) -> Record | None:
    """What a `replace` wrote; None if its condition did not hold."""
    if not answer.succeeded:
        return None
    if not answer.responses:
        raise OutcomeUnknown("etcd: a transaction was applied, and its answer does not say what it did")
    put = answer.responses[0].response_put
    return Record(
        key, value, put.prev_kv.create_revision, put.header.revision, session.id, session.ttl, session.ttl
    )
