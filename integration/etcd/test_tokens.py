"""Tokens run out, passwords are changed, users appear: what happens to leases that are being kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from coordination import AuthFailed, CoordinationError
from integration.etcd.realms import BRIEF, TOKENS, Realm, realm
from integration.faults.held import let_go
from integration.servers.etcd_binaries import VERSIONS
from integration.servers.grpc_proxy import GrpcProxy

pytestmark = pytest.mark.xdist_group("security")


def signed(folder: Path) -> Sequence[str]:
    """Flags for tokens that carry the revision of all users and roles they were made for."""
    key = rsa.generate_private_key(65_537, 2048)
    private, public = folder / "jwt-key.pem", folder / "jwt.pem"
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain))
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return ("--auth-token", f"jwt,pub-key={public},priv-key={private},sign-method=RS256,ttl={TOKENS}s")


@pytest.fixture(scope="module")
def realms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Realm]]:
    """Both kinds of tokens on each version."""
    with ExitStack() as stack:
        made = {}
        for version in VERSIONS:
            for kind in ("simple", "jwt"):
                folder = tmp_path_factory.mktemp("tokens")
                flags = signed(folder) if kind == "jwt" else BRIEF
                made[f"{version} {kind}"] = stack.enter_context(realm(version, folder, flags))
        yield made


def _on_each(realms: dict[str, Realm], scene: Callable[[Realm], None]) -> None:
    """Side by side, since they wait more than they work."""
    with ThreadPoolExecutor(len(realms)) as pool:
        running = {name: pool.submit(scene, realm) for name, realm in realms.items()}
        failed = {name: repr(it.exception()) for name, it in running.items() if it.exception() is not None}
    assert not failed


def test_a_lease_outlives_its_tokens(realms: dict[str, Realm]) -> None:
    """Tokens are good for 5 s: held for 13, with streams cut, new watches and acquisitions all the while."""
    _on_each(realms, _outlived)


def _outlived(here: Realm) -> None:
    endpoint = here.cluster.endpoints[0]
    with GrpcProxy(endpoint) as seldom, here.connect() as busy, here.connect(seldom.endpoint) as idle:
        often = busy.wait_lease("often", period=8, timeout=10).keep_alive()
        # Its renewals are further apart than a token lives; it is used for nothing else.
        rarely = idle.wait_lease("rarely", period=24, timeout=10).keep_alive()
        began = rarely.index
        until = time.monotonic() + 2.6 * TOKENS
        while time.monotonic() < until:
            let_go(busy.wait_lease("other", period=10, timeout=20))
            assert next(iter(busy.watch("often"))) is not None
            assert often.commit({"key": "value"}) > 0
            time.sleep(0.5)
        for lease in (often, rarely):
            assert lease.held
            assert lease.lost is None
        assert rarely.index > began
        assert 2 <= seldom.calls["Authenticate"] <= 5


def test_an_idle_client_begins_to_watch(realms: dict[str, Realm]) -> None:
    """Its token has run out, which etcd tells of a watch in another way than of a call."""
    _on_each(realms, _woken)


def _woken(here: Realm) -> None:
    store = here.store("/mine")
    session = store.open_session(60, timeout=5)
    time.sleep(TOKENS + 2.5)  # etcd looks for old ones once a second.
    told: list[int] = []
    watch = store.watch("/leases/woken", 0, lambda _key, index: told.append(index), timeout=5)
    record = store.create("/leases/woken", b"", session, timeout=5)
    assert record is not None
    _eventually(lambda: record.index in told)
    watch.close()
    store.close_session(session, timeout=5)
    store.close()


def test_a_changed_role(realms: dict[str, Realm]) -> None:
    """Signed tokens are all old then ("revision of auth store is old"): nobody notices."""
    _on_each(realms, _changed)


def _changed(here: Realm) -> None:
    with here.connect() as manager:
        lease = manager.wait_lease("changed", period=10, timeout=10).keep_alive()
        for number in range(3):
            here.grant(f"more-{number}/")
            lease.renew()
            assert lease.commit({"number": str(number)}) > 0
            let_go(manager.wait_lease("another", period=10, timeout=20))
            assert next(iter(manager.watch("changed"))) is not None
        assert lease.held


def test_a_changed_password(realms: dict[str, Realm]) -> None:
    """Who has the old one is told so, tries it seldom, and loses at the deadline, not before."""
    _on_each(realms, _rotated)


def _rotated(here: Realm) -> None:
    here.ctl("user", "add", "rotated:before")
    here.ctl("user", "grant-role", "rotated", "role")
    with (
        GrpcProxy(here.cluster.endpoints[0]) as proxy,
        here.connect(proxy.endpoint, user="rotated", password="before") as manager,
    ):
        lease = manager.wait_lease("rotated", period=4, timeout=10).keep_alive()
        here.change_password("rotated", "after")
        before = proxy.calls["Authenticate"]
        told = _told(lambda: manager.get_lease("rotated"), TOKENS + 5.0)
        assert isinstance(told, AuthFailed)
        _eventually(lambda: lease.lost == "expired")
        assert proxy.calls["Authenticate"] - before <= 5  # In some 10 s.
    with here.connect(user="rotated", password="after") as manager:
        let_go(manager.wait_lease("rotated", period=10, timeout=20))


def test_users_appear_under_running_managers(tmp_path: Path) -> None:
    """Enabling auth live: who knows a password goes on, who knows none is told what is missing."""
    with ThreadPoolExecutor(len(VERSIONS)) as pool:
        list(pool.map(lambda version: _enabled(version, tmp_path / version), VERSIONS))


def _enabled(version: str, folder: Path) -> None:
    with (
        realm(version, folder, live=False) as here,
        here.connect() as known,
        here.connect(user=None, password=None) as unknown,
    ):
        lease = known.wait_lease("known", period=8, timeout=10).keep_alive()
        other = unknown.wait_lease("unknown", period=4, timeout=10).keep_alive()
        here.enable()
        with pytest.raises(AuthFailed, match="give user and password"):
            unknown.acquire_lease("more")
        with pytest.raises(AuthFailed, match="give user and password"):
            unknown.wait_lease("more", timeout=30)
        until = time.monotonic() + 9.0
        while time.monotonic() < until:
            let_go(known.wait_lease("more", period=10, timeout=20))
            time.sleep(0.2)
        assert lease.held
        _eventually(lambda: other.lost == "expired")
        let_go(known.wait_lease("unknown", period=10, timeout=20))


def _told(call: Callable[[], object], within: float) -> CoordinationError:
    """The first error that `call` raises."""
    give_up = time.monotonic() + within
    while time.monotonic() < give_up:
        try:
            call()
        except CoordinationError as error:
            return error
        time.sleep(0.1)
    raise AssertionError("nobody was told anything")


def _eventually(look: Callable[[], bool], within: float = 10.0) -> None:
    give_up = time.monotonic() + within
    while not look():
        assert time.monotonic() < give_up
        time.sleep(0.02)
