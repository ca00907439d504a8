"""Names that are up to something, through a recording proxy: nothing is asked but what a lock needs.

Pitfall 45, acceptance 47: the name `../../agent/maintenance?enable=true&` in a path put a node into
maintenance, also escaped, since Consul answers such a path with a redirect.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from coordination import ConfigurationError, Manager, connect
from coordination.contention import Proof
from coordination.record import data_key, key_of, lease_key
from coordination.stores.consul.keys import Keys, path_of
from coordination.stores.consul.opening import open_store
from integration.consul.evil_names import EVIL, MAINTENANCE, generated, live_through, stray, take_and_leave
from integration.consul.watchers import Told
from integration.servers.consul import ConsulCluster
from integration.servers.http_proxy import HttpProxy
from integration.servers.http_wire import Request

pytestmark = pytest.mark.xdist_group("consul-names")

PREFIX = "our/prefix"


@pytest.fixture
def proxy(node: ConsulCluster) -> Iterator[HttpProxy]:
    """Records; whatever a test did, only our own was asked for, nobody was sent elsewhere, all is well."""
    with HttpProxy(node.endpoints[0]) as proxy:
        yield proxy
        assert len(proxy.requests) > 10
        assert stray(proxy.requests, PREFIX) == []
        assert not [status for status in proxy.statuses if 300 <= status < 400]
        assert "_node_maintenance" not in node.ask("GET", "/v1/agent/checks")


def _connect(proxy: HttpProxy, namespace: str = "") -> Manager:
    return connect(f"consul://{proxy.endpoint}/{PREFIX}", namespace=namespace, timeout=10.0)


@pytest.fixture
def manager(proxy: HttpProxy) -> Iterator[Manager]:
    """Whose requests are recorded."""
    with _connect(proxy) as manager:
        yield manager


@pytest.mark.parametrize("name", EVIL, ids=lambda name: ascii(name)[:40])
def test_an_evil_name_is_a_name(manager: Manager, name: str) -> None:
    """Pitfall 45: acquired, seen, watched, renewed, written under, stolen, released; and nothing else."""
    live_through(manager, name)


def test_evil_names_are_leases_of_their_own(manager: Manager) -> None:
    """All of them held at once, each found again under its own name, its own metadata on it."""
    held = [
        manager.acquire_lease(name, period=300.0, metadata={"number": str(number)})
        for number, name in enumerate(EVIL)
    ]
    assert sorted(lease.name for lease in manager.list_leases()) == sorted(EVIL)
    for number, name in enumerate(EVIL):
        lease = manager.get_lease(name)
        assert lease is not None
        assert (lease.name, lease.metadata) == (name, {"number": str(number)})
    assert all(lease is not None and lease.release() for lease in held)
    assert manager.list_leases() == []


def test_evil_namespaces_keep_to_themselves(proxy: HttpProxy) -> None:
    """One lease of one name in each: each lists its own only, and no name reaches into another."""
    managers = [_connect(proxy, namespace) for namespace in ["", *EVIL]]
    try:
        leases = [
            manager.acquire_lease("x", f"m{number}", period=300.0) for number, manager in enumerate(managers)
        ]
        for number, manager in enumerate(managers):
            assert [(it.name, it.machine_id) for it in manager.list_leases()] == [("x", f"m{number}")]
        assert all(lease is not None and lease.release() for lease in leases)
    finally:
        for manager in managers:
            manager.close()


def test_a_watch_tells_the_evil_ones_apart(manager: Manager) -> None:
    """Held, released, held again: each watch hears of its own name."""
    for name in (MAINTENANCE, ".", "..", "@", "/", "a//b", "x?cas=0", "%2E", "\0", "z" * 255):
        watch = manager.watch(name, timeout=30.0)
        assert next(watch) is None
        lease = manager.acquire_lease(name, period=300.0)
        assert lease is not None
        seen = next(watch)
        assert seen is not None
        assert seen.index == lease.index
        assert lease.release()
        assert next(watch) is None


def test_contenders_for_evil_names(proxy: HttpProxy) -> None:
    """Hundreds of them: each enters, is watched, hands over, and is proven; each in a queue of its own."""
    names = list(dict.fromkeys([*EVIL, *generated(200, seed=3)]))
    told = Told()
    store = open_store(f"consul://{proxy.endpoint}/{PREFIX}")
    try:
        session = store.open_session(300.0, timeout=10.0)
        expected: dict[str, int] = {}
        for name in names:
            queue = key_of(name[:40], "locks", name)
            first, second = (
                store.enter(f"{queue}/{who}", b"{}", session, alone=False, timeout=10.0) for who in ("b", "a")
            )
            assert first is not None
            assert second is not None
            assert (first.ahead, second.ahead) == ((), (f"{queue}/b",))
            watching = store.watch(f"{queue}/b", second.record.created, told, timeout=10.0)
            assert store.delete(first.record.key, first.record.index, timeout=10.0)
            assert told.within(10.0, first.record.key, 0)
            watching.close()
            standing = store.standing(second, timeout=10.0)
            assert standing is not None
            assert standing.ahead == ()
            expected[second.record.key] = second.record.created
        locks = {key_of("", "locks", name): name for name in names}
        for queue in locks:
            standing = store.enter(f"{queue}/me", b"{}", session, alone=True, timeout=10.0)
            assert standing is not None
            expected[standing.record.key] = standing.record.created
        assert store.prove(session, expected, frozenset(), timeout=10.0) == Proof(frozenset(), {})
        assert any(request.query.startswith("keys&consistent") for request in proxy.requests)
        store.close_session(session, timeout=10.0)
    finally:
        store.close()


def test_generated_names(manager: Manager) -> None:
    """As the evil ones, if for a shorter time; ten thousand of them are for `make prove`."""
    for name in generated(300, seed=2):
        take_and_leave(manager, name)


def test_ten_thousand_names_make_keys_and_paths_of_their_own() -> None:
    """Encodings are shown injective by turning them back; every path stays where it belongs."""
    keys = Keys(PREFIX)
    names = [*EVIL, *generated(10_000)]
    assert len(names) > 10_000
    whole = [
        key for name in names for key in (lease_key("", name), lease_key(name, "x"), data_key(name, name))
    ]
    stored = [keys.stored(key) for key in whole]
    assert len(set(stored)) == len(set(whole))
    assert [keys.contract(each) for each in stored] == whole
    paths = [path_of(each) for each in stored]
    assert [unquote(path).removeprefix("/v1/kv/") for path in paths] == stored
    assert stray([Request("GET", path, {}, b"", b"") for path in paths], PREFIX) == []


@pytest.mark.parametrize(
    "target",
    [
        "/v1/kv/our/prefix/../../agent/maintenance?enable=true",
        "/v1/kv/our/prefix/..%2F..%2Fagent%2Fmaintenance",
        "/v1/kv/our/prefix/%2E%2E/x",
        "/v1/kv/our/prefix//x",
        "/v1/kv/our/prefixed/x",
        "/v1/kv/our/prefix/x?cas=0",
        "/v1/agent/self",
        "/v1/session/destroy/../../agent/leave",
        "/v1/txn?dc=other",
    ],
)
def test_the_judge_can_tell(target: str) -> None:
    """A request that goes astray would be found: what no test can fail shows nothing."""
    assert stray([Request("PUT" if "txn" in target else "GET", target, {}, b"[]", b"")], PREFIX)


@pytest.mark.parametrize("path", ["/..", "/a/../b", "/a//b", "/%2e%2e/a", "/a/%2E/b", "/a?b", "/a%2F..%2Fb"])
def test_a_prefix_that_is_no_folder_is_refused(path: str) -> None:
    """`ConfigurationError`, before anything is sent."""
    with pytest.raises(ConfigurationError):
        connect(f"consul://127.0.0.1:1{path}")


@pytest.mark.parametrize("name", ["", "z" * 256, "ä" * 128, "\ud800"], ids=ascii)
def test_names_that_can_never_work_are_refused(name: str) -> None:
    """`ConfigurationError`, before anything is sent: nobody listens there."""
    with connect("consul://127.0.0.1:1") as manager:
        for call in (manager.acquire_lease, manager.get_lease, manager.wait_lease, manager.watch):
            with pytest.raises(ConfigurationError):
                call(name)
