"""Transactions on /v1/txn: all of the operations or none. Keys travel in the body, never in a path."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coordination.errors import CoordinationError, OutcomeUnknown, SessionLost, StoreRefused, ValueTooLarge
from coordination.stores.consul.answers import Entry, nonsense, parsed
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.failures import refused
from coordination.stores.consul.history import History
from coordination.stores.consul.message import LARGE, SMALL, Answer, Effect, Request

MOST_OPERATIONS = 64
LARGEST_REQUEST = 524_288
"""In one transaction, by Consul's default; bytes of its JSON."""

Operation = dict[str, Any]

_compact = json.JSONEncoder(separators=(",", ":")).encode

_DEAD = ("invalid session", "missing session", "failed session lookup")


def operation(verb: str, key: str, **fields: Any) -> Operation:
    """One operation on a stored key."""
    return {"KV": {"Verb": verb, "Key": key, **fields}}


def writing(verb: str, key: str, value: bytes, **fields: Any) -> Operation:
    """One that writes. The flags are a nonce: Consul takes an equal write for none, and keeps the index."""
    text = base64.b64encode(value).decode("ascii")
    return operation(verb, key, Value=text, Flags=secrets.randbits(63), **fields)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a transaction: its entries, one for each operation that has one, or what failed."""

    entries: list[Entry]
    complaints: dict[int, str]
    """By the place of the operation. Empty if the transaction was applied."""

    @property
    def applied(self) -> bool:
        """Whether all of it was done."""
        return not self.complaints

    def demand_session(self) -> None:
        """Raise `SessionLost` if an operation named a session that is dead."""
        if any(said.startswith(_DEAD) for said in self.complaints.values()):
            raise SessionLost("the session is dead", reason="expired")


class Transactions:
    """Sends them to a cluster."""

    def __init__(self, cluster: Cluster, history: History) -> None:
        self._cluster = cluster
        self._history = history

    def write(self, operations: Sequence[Operation], timeout: float, limit: int = SMALL) -> Outcome:
        """All of the writes, or none and why. The highest index shown is theirs, unless all are deletions."""
        floor = self._history.floor()
        request = Request("PUT", "/v1/txn", body=_body(operations), effect=Effect.ONCE, limit=limit)
        outcome = self._cluster.ask(request, _outcome, timeout, (200, 409))
        _demand_allowed(outcome)
        if outcome.applied and any("Flags" in step["KV"] for step in operations):
            if not outcome.entries:
                raise OutcomeUnknown("Consul does not tell the index of a write")
            self._history.wrote(max(entry.index for entry in outcome.entries), floor)
        return outcome

    def read(self, operations: Sequence[Operation], timeout: float, limit: int = LARGE) -> Outcome:
        """What linearizable reads and checks find."""
        request = Request("PUT", "/v1/txn", "consistent", _body(operations), Effect.NONE, limit)
        outcome = self._cluster.ask(request, _outcome, timeout, (200, 409))
        _demand_allowed(outcome)
        return outcome


def _body(operations: Sequence[Operation]) -> bytes:
    body = _compact(operations).encode()
    if len(operations) > MOST_OPERATIONS:
        raise ValueTooLarge(f"Consul takes {MOST_OPERATIONS} operations in one transaction")
    if len(body) > LARGEST_REQUEST:
        raise ValueTooLarge(
            f"Consul takes transactions of {LARGEST_REQUEST} bytes of JSON; this one has {len(body)}"
        )
    return body


def _outcome(answer: Answer) -> Outcome:
    fields = parsed(answer)
    if not isinstance(fields, dict):
        raise nonsense("no outcome of a transaction")
    if answer.status == 409:
        return Outcome([], _complaints(fields.get("Errors")))
    results = fields.get("Results")
    if not isinstance(results, list) or fields.get("Errors"):
        raise nonsense("no results of a transaction")
    if not all(isinstance(result, Entry) for result in results):
        raise nonsense("results that are no entries")
    return Outcome(results, {})


def _complaints(errors: Any) -> dict[int, str]:
    if not isinstance(errors, list) or not errors:
        raise nonsense("a transaction that failed for no reason")
    try:
        return {int(error["OpIndex"]): str(error["What"]) for error in errors}
    except (TypeError, ValueError, LookupError, OverflowError):
        raise nonsense("reasons that are none") from None


def _demand_allowed(outcome: Outcome) -> None:
    for said in outcome.complaints.values():
        error: CoordinationError | None = refused(said, f"Consul refused a transaction: {said[:300]}")
        if error is not None:
            raise error


def unexpected(outcome: Outcome) -> StoreRefused:
    """For complaints that no operation of ours should meet."""
    said = "; ".join(f"{text[:200]}" for text in list(outcome.complaints.values())[:3])
    return StoreRefused(f"Consul refused a transaction: {said}")
