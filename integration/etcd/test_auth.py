"""Users and passwords: who is let in, who is not, and how that is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from coordination import AuthFailed, Manager, PermissionDenied
from coordination.record import Guard
from coordination.store import Swap
from coordination.stores.etcd.opening import open_store
from integration.etcd.realms import ROOT, Realm, realm
from integration.faults.held import let_go
from integration.servers.etcd_binaries import VERSIONS
from integration.servers.grpc_proxy import GrpcProxy

pytestmark = pytest.mark.xdist_group("security")

KEY = "/leases/name"


@pytest.fixture(scope="module", params=VERSIONS)
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    with realm(request.param, tmp_path_factory.mktemp("auth")) as made:
        yield made


@pytest.fixture
def proxy(here: Realm) -> Iterator[GrpcProxy]:
    with GrpcProxy(here.cluster.endpoints[0]) as made:
        yield made


def test_the_right_password_opens(here: Realm, proxy: GrpcProxy) -> None:
    """The user acquires, watches, writes and releases, with one token for all of it."""
    with here.connect(proxy.endpoint) as manager:
        with manager.wait_lease("name", period=10, timeout=10) as lease:
            assert lease.commit({"key": b"value"}) > lease.token
            assert manager.read("key") == b"value"
            assert next(iter(manager.watch("name"))) is not None
        assert manager.health() == []
    assert proxy.calls["Authenticate"] == 1


def test_special_characters_in_a_password(here: Realm) -> None:
    """Percent-encoded in the URL, every password gets through."""
    url = f"etcd://root:{quote(ROOT, safe='')}@{here.cluster.endpoints[0]}"
    store = open_store(url, plaintext_password=True)
    assert store.read("/anything", timeout=5) is None
    store.close()


def test_a_wrong_password_is_tried_three_times_at_most(here: Realm, proxy: GrpcProxy) -> None:
    """In 5 s, however often it is called; never taken for "held by another", nor waited for."""
    with here.connect(proxy.endpoint, password="wrong-battery") as manager:
        began = time.monotonic()
        rounds = 0
        while time.monotonic() - began < 5.0:
            for call in _calls(manager):
                with pytest.raises(AuthFailed, match="authentication failed"):
                    call()
            rounds += 1
            time.sleep(0.05)
        assert rounds > 3
        assert 1 <= proxy.calls["Authenticate"] <= 3


def test_a_user_nobody_knows(here: Realm) -> None:
    """Is told the same as one with a wrong password."""
    with here.connect(user="nobody") as manager:
        for call in _calls(manager):
            with pytest.raises(AuthFailed, match="authentication failed"):
                call()


def _calls(manager: Manager) -> list[Callable[[], object]]:
    return [
        lambda: manager.acquire_lease("name"),
        lambda: manager.wait_lease("name", timeout=60),
        lambda: manager.get_lease("name"),
        manager.list_leases,
        lambda: manager.steal_lease("name", "me", 0, 10, 5),
        lambda: manager.resume("name", "a" * 64),
        lambda: manager.read("key"),
        lambda: next(iter(manager.watch("name"))),
    ]


def test_nobody_at_all(here: Realm) -> None:
    """Without a user every call says what is missing."""
    with here.connect(user=None, password=None) as manager:
        for call in _calls(manager):
            with pytest.raises(AuthFailed, match="give user and password"):
                call()


def test_a_denied_key(here: Realm) -> None:
    """A role that may touch other keys only: each call says so, and nothing is left behind."""
    before = _leases(here)
    with here.connect(prefix="yours") as manager:
        for call in _calls(manager):
            with pytest.raises(PermissionDenied):
                call()
    # A busy machine takes back in the background what was denied; by itself it would stay for 10 s.
    _until(lambda: _leases(here) <= before, within=5.0)


def _leases(here: Realm) -> set[str]:
    """Those there are; one of another test's may end at any moment."""
    return set(here.ctl("lease", "list").splitlines()[1:])


def test_a_denied_key_in_the_contract(here: Realm) -> None:
    """Also from every call of the store, a watch on a single key and one on a folder among them."""
    store = here.store("/yours")
    session = store.open_session(10, timeout=5)
    calls: list[Callable[[], object]] = [
        lambda: store.create(KEY, b"", session, timeout=5),
        lambda: store.replace(KEY, b"", session, 5, timeout=5),
        lambda: store.delete(KEY, 5, timeout=5),
        lambda: store.end(session, KEY, 5, timeout=5),
        lambda: store.commit(Guard(KEY, session.id), {"/data/key": b""}, [], timeout=5),
        lambda: store.read(KEY, timeout=5),
        lambda: store.list("/leases/", timeout=5),
        lambda: store.watch(KEY, 0, _nobody, timeout=5),
        lambda: store.watch("/leases/", 0, _nobody, timeout=5),
    ]
    for call in calls:
        with pytest.raises(PermissionDenied):
            call()
    store.close_session(session, timeout=5)
    store.close()


def test_a_denied_key_in_a_batch(here: Realm) -> None:
    """Each swap of a batch is refused, and what is stored stays as it is."""
    here.ctl("put", "yours//leases/name", "precious")
    store = here.store("/yours")
    session = store.open_session(10, timeout=5)
    index = _index(here, "yours//leases/name")
    answers = store.replace_all([Swap(KEY, b"", session, index)] * 2, timeout=5)
    assert [type(answer) for answer in answers] == [PermissionDenied] * 2
    assert _index(here, "yours//leases/name") == index
    store.close_session(session, timeout=5)
    store.close()


def _index(here: Realm, key: str) -> int:
    return int(json.loads(here.ctl("get", key, "-w", "json"))["kvs"][0]["mod_revision"])


def _nobody(key: str, index: int) -> None:
    raise AssertionError(f"told of {key}, which nobody may see")


def test_a_denied_watch_leaves_the_others_alone(here: Realm) -> None:
    """All watches share a stream: what is refused is the one, and the others are told as before."""
    store = here.store("")
    told: list[str] = []
    with here.connect() as manager:
        watch = store.watch("mine//leases/watched", 0, lambda key, _index: told.append(key), timeout=5)
        with pytest.raises(PermissionDenied):
            store.watch("yours//leases/watched", 0, _nobody, timeout=5)
        lease = manager.wait_lease("watched", period=10, timeout=10)
        _until(lambda: "mine//leases/watched" in told)
        let_go(lease)
    watch.close()
    store.close()


def test_rights_that_come_and_go(here: Realm) -> None:
    """A role is changed under a running manager: what is allowed now works, what no longer is, is denied."""
    with here.connect(prefix="later") as manager, here.connect() as other:
        kept = other.wait_lease("kept", period=9, timeout=10).keep_alive()
        with pytest.raises(PermissionDenied):
            manager.acquire_lease("name")
        here.grant("later/")
        lease = manager.acquire_lease("name", period=10)
        assert lease is not None
        here.revoke("later/")
        with pytest.raises(PermissionDenied):
            lease.renew()
        assert lease.held  # Nobody else can have it before its period is over.
        let_go(other.wait_lease("another", period=10, timeout=10))
        assert kept.held


def _until(look: Callable[[], bool], within: float = 10.0) -> None:
    give_up = time.monotonic() + within
    while not look():
        assert time.monotonic() < give_up
        time.sleep(0.01)
