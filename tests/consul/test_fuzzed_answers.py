"""Answers that mean something else, or nothing: whatever listens there, the store's own errors come of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coordination.errors import CoordinationError
from coordination.record import Record, Session
from coordination.stores.consul.answers import entries, parsed
from coordination.stores.consul.history import History
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.message import Answer, Failed
from coordination.stores.consul.sessions import Sessions
from coordination.stores.consul.transactions import Transactions, operation, writing
from tests.consul.scripted import SESSION, ScriptedAgent, cluster

HUGE = 10**30
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-HUGE, HUGE)
    | st.floats()
    | st.text()
    | st.sampled_from([SESSION, "10s", "e30=", "10h10m", "9" * 400 + "s", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3)
            | st.sampled_from(
                ["KV", "Results", "Errors", "OpIndex", "What", "ID", "TTL", "Key", "Value", "ModifyIndex"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KV = st.fixed_dictionaries(
    {"Key": JSON, "ModifyIndex": st.integers(-5, 5) | JSON, "CreateIndex": st.integers(1, 9) | JSON},
    optional={"Value": JSON, "Session": st.just(SESSION) | JSON, "Flags": JSON},
)
PLAUSIBLE = st.one_of(
    JSON,
    st.fixed_dictionaries({"Results": st.lists(st.fixed_dictionaries({"KV": KV | JSON}) | JSON, max_size=3)}),
    st.fixed_dictionaries(
        {"Errors": st.lists(st.fixed_dictionaries({"OpIndex": JSON, "What": JSON}) | JSON)}
    ),
    st.lists(KV | st.fixed_dictionaries({"ID": st.just(SESSION), "TTL": JSON}), max_size=3),
    st.fixed_dictionaries({"ID": st.just(SESSION) | JSON, "TTL": JSON}),
)
BODIES = PLAUSIBLE.map(lambda document: json.dumps(document).encode()) | st.binary()
KEYS = Keys("p")
GUARDED = writing("lock", "p/@/leases/x", b"{}", Session=SESSION)


def _from_list(answer: Answer) -> list[Record]:
    return [each.record(KEYS) for each in entries(answer)]


def _asked(call: Callable[[Transactions, Sessions], object]) -> Callable[[Answer], object]:
    def ask(answer: Answer) -> object:
        on = cluster(ScriptedAgent(answer))
        return call(Transactions(on, History()), Sessions(on, 0.0))

    return ask


READERS: dict[str, Callable[[Answer], object]] = {
    "parsed": parsed,
    "entries": _from_list,
    "write": _asked(lambda transactions, _: transactions.write([GUARDED], 1.0)),
    "read": _asked(
        lambda transactions, _: [
            each.record(KEYS) for each in transactions.read([operation("get-tree", "p/")], 1.0).entries
        ]
    ),
    "open": _asked(lambda _, sessions: sessions.open(10.0, 1.0)),
    "renew": _asked(lambda _, sessions: sessions.renew(Session(SESSION, 10.0), 1.0)),
    "ttl": _asked(lambda _, sessions: sessions.ttl(SESSION, 1.0)),
    "close": _asked(lambda _, sessions: sessions.close(Session(SESSION, 10.0), 1.0)),
}


@pytest.mark.untraced
@pytest.mark.parametrize("reader", READERS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BODIES, st.sampled_from([200, 404, 409, 500]), st.integers(0, 2**63))
@example(b'[{"ID":"%b","TTL":"%b"}]' % (SESSION.encode(), b"9" * 400 + b"h"), 200, 1)
@example(b'{"Errors":[{"OpIndex":1e999,"What":[]}]}', 409, 1)
@example(b"[" * 3000 + b"]" * 3000, 200, 1)
@example(b"1" * 5000, 200, 1)
def test_any_answer_is_typed(reader: str, body: bytes, status: int, index: int) -> None:
    """No exception but ours, whatever the JSON, if it is any."""
    try:
        READERS[reader](Answer(status, index, body))
    except (Failed, CoordinationError):
        pass


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BODIES)
def test_what_is_read_has_its_types(body: bytes) -> None:
    """A record that came through is one: nobody above has to ask."""
    try:
        records = _from_list(Answer(200, 1, body))
    except Failed:
        return
    for record in records:
        assert (type(record.key), type(record.value)) == (str, bytes)
        assert record.index > 0
        assert record.created > 0
        assert record.session is None or type(record.session) is str
