"""An agent that answers what cannot be: typed errors and no false belief (acceptance 37)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from coordination import CoordinationError
from coordination.record import Guard, Record, Session
from coordination.stores.consul.opening import open_store
from coordination.stores.consul.store import ConsulStore
from integration.faults.measuring import measured
from integration.servers.consul import ConsulCluster
from integration.servers.consul_lies import ways_to_misshape
from integration.servers.http_fault import HttpFault, Match
from integration.servers.http_proxy import HttpProxy
from integration.servers.http_wire import Answer, Request

pytestmark = pytest.mark.xdist_group("consul-lies")

TIMEOUT = 5.0
KEY = "/leases/job"


@pytest.fixture
def proxy(node: ConsulCluster) -> Iterator[HttpProxy]:
    """Where the lies are told."""
    with HttpProxy(node.endpoints[0]) as proxy:
        yield proxy


@pytest.fixture
def store(proxy: HttpProxy) -> Iterator[ConsulStore]:
    """Who is lied to."""
    store = open_store(f"consul://{proxy.endpoint}")
    yield store
    store.close()


def _transaction(request: Request) -> bool:
    return request.path == "/v1/txn"


class _Misshaping:
    """Tells one misshapen answer after the other, each made of the true one."""

    def __init__(self) -> None:
        self.number = 0
        self.ways = 1
        self.told = ""

    def __call__(self, true: Answer) -> Answer:
        documents = ways_to_misshape(true)
        self.ways = max(self.ways, len(documents))
        answer = true.telling(documents[self.number % len(documents)])
        self.told = answer.body.decode()
        return answer


Call = Callable[[ConsulStore, Session], object]

CALLS: dict[str, tuple[Match, Call]] = {
    "open_session": ("/v1/session/create", lambda it, _: it.open_session(60.0, timeout=TIMEOUT)),
    "renew_session": ("/v1/session/renew/", lambda it, own: it.renew_session(own, timeout=TIMEOUT)),
    "close_session": ("/v1/session/destroy/", lambda it, own: it.close_session(own, timeout=TIMEOUT)),
    "create": (_transaction, lambda it, own: it.create("/leases/new", b"{}", own, timeout=TIMEOUT)),
    "create, taken": (_transaction, lambda it, own: it.create(KEY, b"{}", own, timeout=TIMEOUT)),
    "replace, moved": (_transaction, lambda it, own: it.replace(KEY, b"{}", own, 5, timeout=TIMEOUT)),
    "delete, moved": (_transaction, lambda it, _: it.delete(KEY, 5, timeout=TIMEOUT)),
    "read": (_transaction, lambda it, _: it.read(KEY, timeout=TIMEOUT)),
    "read, missing": (_transaction, lambda it, _: it.read("/leases/none", timeout=TIMEOUT)),
    "list": (_transaction, lambda it, _: it.list("/leases/", timeout=TIMEOUT)),
    "commit": (
        _transaction,
        lambda it, own: it.commit(Guard(KEY, own.id), {"/data/x": b"1"}, ["/data/y"], timeout=TIMEOUT),
    ),
    "health": ("/v1/status/", lambda it, _: it.health(timeout=TIMEOUT)),
}


@pytest.mark.parametrize("call", CALLS)
def test_wrong_types_at_every_level(proxy: HttpProxy, store: ConsulStore, call: str) -> None:
    """Acceptance 37: each part of the true answer replaced, doubled or left out: typed, nothing absurd."""
    match, ask = CALLS[call]
    own = store.open_session(60.0, timeout=TIMEOUT)
    store.create(KEY, b"{}", own, timeout=TIMEOUT)
    lie = _Misshaping()
    proxy.always(match, HttpFault(lie=lie))
    while lie.number < lie.ways:
        outcome = measured(partial(ask, store, own))
        assert outcome.error is None or isinstance(outcome.error, CoordinationError), (lie.told, outcome)
        assert outcome.error is not None or _possible(outcome.value), (lie.told, outcome)
        proxy.behave()
        if call == "create":
            _removed(store)
        if call == "close_session":
            own = store.open_session(60.0, timeout=TIMEOUT)
        proxy.always(match, HttpFault(lie=lie))
        lie.number += 1
    assert lie.number >= 8
    proxy.behave()
    store.close_session(own, timeout=TIMEOUT)


def _removed(store: ConsulStore) -> None:
    record = store.read("/leases/new", timeout=TIMEOUT)
    assert record is not None
    assert store.delete("/leases/new", record.index, timeout=TIMEOUT)


def _possible(value: object) -> bool:
    """Whether the contract allows it as an answer to one of the calls."""
    if isinstance(value, list):
        return all(isinstance(each, str) or _possible(each) for each in value)
    if isinstance(value, Record):
        return (
            value.key in (KEY, "/leases/new")
            and type(value.value) is bytes
            and type(value.index) is type(value.created) is int
            and 0 < value.created <= value.index < 2**63
            and (value.session is None or type(value.session) is str)
        )
    if isinstance(value, Session):
        return value.ttl == 60.0 and re.fullmatch("[0-9a-f-]{36}", value.id) is not None
    return value is None or type(value) is bool or (type(value) is int and 0 < value < 2**63)
