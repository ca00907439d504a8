"""What contenders ask of etcd, request by request, and what doubtful answers to it mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from coordination.contention import Standing
from coordination.errors import OutcomeUnknown, SessionLost, StoreUnavailable, ValueTooLarge
from coordination.record import Record, Session
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.opening import store_on
from coordination.stores.etcd.schema import BY_CREATION, CREATE, DESCEND, EQUAL
from coordination.stores.etcd.settings import settings_of
from coordination.stores.etcd.store import EtcdStore
from tests.etcd.scripted import RESET, Cluster, Member, header

T = 10.0
KEY = "ns/locks/a/me"
RAW = b"p/ns/locks/a/me"
FOLDER = (b"p/ns/locks/a/", b"p/ns/locks/a0")
SESSION = Session("5", 30.0)
MINE = Standing(Record(KEY, b"", 40, 40, "5"), ())


class Asked:
    """The transactions that were asked for, each answered in the same way."""

    def __init__(self, *responses: Any, succeeded: bool = True) -> None:
        self.requests: list[Any] = []
        self._answer = message("TxnResponse")(
            header=header(77), succeeded=succeeded, responses=[{"response_range": it} for it in responses]
        )

    def __call__(self, name: str, request: Any) -> Any:
        assert name == "Txn", "nothing else may be asked"
        self.requests.append(request)
        return self._answer


class LostOnce:
    """Like another script, but its first answer gets lost."""

    def __init__(self, script: Callable[[str, Any], Any]) -> None:
        self.lost = False
        self._script = script

    def __call__(self, name: str, request: Any) -> Any:
        if self.lost:
            return self._script(name, request)
        self.lost = True
        return RESET


def store_of(script: Callable[[str, Any], Any]) -> EtcdStore:
    """On one member that answers like this, under the prefix p."""
    settings = settings_of(urlsplit("etcd://a/p"), {}, plaintext_password=False)
    return store_on(settings, Cluster(a=Member(script)))


def found(*keys: bytes) -> Any:
    return message("RangeResponse")(kvs=[{"key": key, "lease": 5} for key in keys])


def nearest(request: Any, latest: int) -> None:
    """The look is one for the key created last in the folder, up to the revision `latest`."""
    assert (request.key, request.range_end) == FOLDER
    assert (request.sort_order, request.sort_target) == (DESCEND, BY_CREATION)
    assert (request.limit, request.keys_only, request.max_create_revision) == (1, True, latest)


def test_entering_is_one_transaction() -> None:
    """The look is before the put, so it does not find the one who enters."""
    asked = Asked(found(b"p/ns/locks/a/other"), found())
    standing = store_of(asked).enter(KEY, b"v", SESSION, alone=False, timeout=T)
    assert standing == Standing(Record(KEY, b"v", 77, 77, "5", 30.0, 30.0), ("ns/locks/a/other",))
    (request,) = asked.requests
    (compare,), (look, put) = request.compare, request.success
    assert (compare.result, compare.target, compare.key, compare.range_end) == (EQUAL, CREATE, RAW, b"")
    assert (compare.HasField("create_revision"), compare.create_revision) == (True, 0)
    nearest(look.request_range, 0)
    assert (put.request_put.key, put.request_put.value, put.request_put.lease) == (RAW, b"v", 5)
    assert not request.failure


def test_entering_alone_is_one_transaction() -> None:
    """Its condition covers the whole folder: a try that fails writes nothing."""
    asked = Asked(found())
    standing = store_of(asked).enter(KEY, b"v", SESSION, alone=True, timeout=T)
    assert standing is not None
    assert standing.ahead == ()
    (request,) = asked.requests
    (compare,), (put,) = request.compare, request.success
    assert (compare.key, compare.range_end) == FOLDER
    assert (compare.target, compare.create_revision) == (CREATE, 0)
    assert put.request_put.key == RAW
    (look,) = request.failure
    nearest(look.request_range, 0)  # Whoever is there may be a stranger, who holds up nobody.
    assert store_of(Asked(succeeded=False)).enter(KEY, b"v", SESSION, alone=True, timeout=T) is None


def test_standing_is_one_transaction_that_writes_nothing() -> None:
    """The own record is compared, and whoever was created before it is looked for."""
    asked = Asked(found(b"p/ns/locks/a/other"))
    now = store_of(asked).standing(MINE, timeout=T)
    assert now == Standing(MINE.record, ("ns/locks/a/other",))
    (request,) = asked.requests
    (compare,), (look,) = request.compare, request.success
    assert (compare.target, compare.key, compare.create_revision) == (CREATE, RAW, 40)
    nearest(look.request_range, 39)


def test_a_record_that_cannot_be_is_not_asked_for() -> None:
    """A bound of no revision would be none: everybody would be ahead."""
    asked = Asked(found())
    for created in (0, 1, -3):
        before = Standing(Record(KEY, b"", created, created, "5"), ())
        assert store_of(asked).standing(before, timeout=T) is None
    assert asked.requests == []


def test_a_lost_answer_to_an_entry_is_unknown() -> None:
    """It may have been made; asked for again it would be refused as taken."""
    asked = Asked(found(), found())
    with pytest.raises(OutcomeUnknown):
        store_of(LostOnce(asked)).enter(KEY, b"", SESSION, alone=False, timeout=T)
    assert asked.requests == []


def test_a_lost_answer_to_a_look_is_asked_for_again() -> None:
    """On a fresh connection: a look does no harm twice."""
    script = LostOnce(Asked(found()))
    assert store_of(script).standing(MINE, timeout=T) == MINE
    assert script.lost


def test_an_answer_that_says_too_little() -> None:
    """Of an entry it is unknown what it did; of a look nothing is known."""
    store = store_of(Asked())
    for alone in (False, True):
        with pytest.raises(OutcomeUnknown):
            store.enter(KEY, b"", SESSION, alone=alone, timeout=T)
    with pytest.raises(StoreUnavailable):
        store.standing(MINE, timeout=T)


def test_what_cannot_enter_is_not_sent() -> None:
    """Neither on another store's session, which would be on none, nor with too large a value."""
    asked = Asked(found(), found())
    with pytest.raises(SessionLost):
        store_of(asked).enter(KEY, b"", Session("none of etcd's", 30.0), alone=False, timeout=T)
    with pytest.raises(ValueTooLarge):
        store_of(asked).enter(KEY, bytes(65_537), SESSION, alone=False, timeout=T)
    assert asked.requests == []


def test_strangers_are_no_contenders() -> None:
    """Who left a key on no lease, or deeper in the folder, holds up nobody: it is looked past him."""
    stranger = message("RangeResponse")(kvs=[{"key": b"p/ns/locks/a/stray"}])
    everybody = message("RangeResponse")(
        header=header(77),
        kvs=[
            {"key": b"p/ns/locks/a/stray"},
            {"key": b"p/ns/locks/a/deep/er", "lease": 5},
            {"key": b"p/ns/locks/a/other", "lease": 5},
        ],
    )
    asked = Asked(stranger, found())

    def script(name: str, request: Any) -> Any:
        return everybody if name == "Range" else asked(name, request)

    standing = store_of(script).enter(KEY, b"v", SESSION, alone=False, timeout=T)
    assert standing is not None
    assert standing.ahead == ("ns/locks/a/other",)
