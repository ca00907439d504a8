"""Tokens and policies: who is let in, who is not, and how that is told."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coordination import AuthFailed, Lease, PermissionDenied
from integration.consul.realms import (
    ONE_NODE,
    READS,
    SESSIONS,
    WRITES,
    Call,
    Realm,
    policy,
    reading,
    realm,
    writing,
)
from integration.faults.measuring import Recorded, eventually
from integration.servers.http_proxy import HttpProxy

pytestmark = pytest.mark.xdist_group("consul-security")

PERIOD = 4.0
OTHERS = policy().replace("mine/", "yours/")
REMEDY = "docs/consul.md has the policy"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    with realm(tmp_path_factory.mktemp("acl")) as made:
        yield made


@pytest.fixture
def proxy(here: Realm) -> Iterator[HttpProxy]:
    with HttpProxy(here.endpoint) as made:
        yield made


@pytest.fixture
def held(here: Realm) -> Iterator[Lease]:
    """Somebody has `name`, and a datum lies beside it."""
    with (
        here.connect(here.acl.token(policy())) as manager,
        manager.wait_lease("name", period=60, timeout=10) as lease,
    ):
        lease.commit({"key": b"value"})
        yield lease


@pytest.mark.parametrize("rules", [policy(), ONE_NODE], ids=["of the page", "of one node"])
def test_the_policy_suffices(here: Realm, rules: str) -> None:
    """For all there is: acquire, keep, watch, write, read, another period, resume, steal, list, release."""
    with here.connect(here.acl.token(rules)) as manager:
        lease = manager.wait_lease("all", period=10, timeout=10).keep_alive()
        assert lease.commit({"key": b"value"}) > lease.token
        assert manager.read("key") == b"value"
        assert next(iter(manager.watch("all"))) is not None
        lease.renew(15)
        resumed = manager.resume("all", str(lease.secret))
        stolen = manager.steal_lease("all", "thief", 0, 10, resumed.index)
        assert stolen is not None
        assert [(each.name, each.period) for each in manager.list_leases()] == [("all", 10.0)]
        assert stolen.release()
        assert manager.health() == []


def test_who_only_looks_needs_less(here: Realm, held: Lease) -> None:
    """To read the keys is enough; without the sessions only a ttl is not known."""
    with here.connect(here.acl.token(READS)) as manager:
        view = manager.get_lease("name")
        assert view is not None
        assert view.token == held.token
        assert [each.name for each in manager.list_leases()] == ["name"]
        assert manager.read("key") == b"value"
        assert next(iter(manager.watch("name"))) is not None
        assert manager.health() == []


@pytest.mark.parametrize("rules", [WRITES, SESSIONS, f"{READS} {SESSIONS}", READS, OTHERS, None], ids=str)
def test_too_little_to_write(here: Realm, held: Lease, rules: str | None) -> None:
    """Each call says so at once, never "held by another", and leaves no session behind."""
    before = set(here.sessions())
    token = here.acl.token(rules) if rules else None
    with here.connect(token) as manager:
        index = held.index
        calls = writing(manager)
        calls.append(lambda: manager.steal_lease("name", "me", 0, 10, index))
        for number, call in enumerate(calls):
            began = time.monotonic()
            with pytest.raises(PermissionDenied, match=REMEDY):
                call()
            assert time.monotonic() - began < 3.0, number
    eventually(lambda: before.issuperset(here.sessions()), 5.0)
    assert held.held


@pytest.mark.parametrize("rules", [SESSIONS, OTHERS, None], ids=str)
def test_too_little_to_read(here: Realm, held: Lease, rules: str | None) -> None:
    """A key that is there and may not be read is not "not there"; nor is a list of such "empty"."""
    with here.connect(here.acl.token(rules) if rules else None) as manager:
        for call in reading(manager):
            with pytest.raises(PermissionDenied):
                call()
        [remark] = manager.health()
        assert REMEDY in remark


def test_a_token_nobody_knows(here: Realm, held: Lease) -> None:
    """Every call says what to do about it."""
    with here.connect(str(uuid.uuid4())) as manager:
        for call in [*writing(manager), *reading(manager), manager.health]:
            with pytest.raises(AuthFailed, match="unknown or revoked: give another"):
                call()


@pytest.mark.parametrize("rules", [READS, "", None], ids=["denied", "powerless", "unknown"])
def test_nobody_tries_often(here: Realm, held: Lease, proxy: HttpProxy, rules: str | None) -> None:
    """Who waits, and who watches, asks three times in 5 s at most: it gets no better by asking."""
    token = str(uuid.uuid4()) if rules is None else here.acl.token(rules or 'key "x" { policy = "read" }')
    with here.connect(token, proxy.endpoint) as manager:
        before = len(proxy.requests)
        with pytest.raises((PermissionDenied, AuthFailed)):
            manager.wait_lease("name")
        assert 1 <= len(proxy.requests) - before <= 3
        time.sleep(2.0)
        assert len(proxy.requests) - before <= 4  # A session that was made for it is destroyed.


def test_a_token_revoked_while_holding(here: Realm, proxy: HttpProxy, record_property: Recorded) -> None:
    """Told by whatever is called, held to the deadline and no longer, told once; three tries in 5 s."""
    token = here.acl.token(policy())
    told: list[tuple[float, str]] = []
    with here.connect(token, proxy.endpoint) as manager, here.connect(token) as beside:
        lease = manager.wait_lease("revoked", period=PERIOD, timeout=10)
        lease.keep_alive(lambda _lease, reason: told.append((time.time(), reason)))
        renewed = lease.renewed_at
        eventually(lambda: lease.renewed_at > renewed, PERIOD)
        here.acl.revoke(token)
        revoked = time.monotonic()
        proxy.cut()  # So the watch asks anew; it also does when the last renewal wakes it as late as this.
        calls: list[Call] = [lambda: beside.read("key"), lambda: beside.acquire_lease("revoked")]
        for call in [*calls, beside.health]:
            with pytest.raises(AuthFailed):
                call()
        assert lease.remaining > 0.0  # Nobody else can have it before its period is over.
        eventually(lambda: bool(told), PERIOD + 2.0)
        [(at, reason)] = told
        assert reason == "expired"
        assert at <= lease.renewed_at + PERIOD + 0.5
        assert not lease.held
        time.sleep(4.0)  # Tidying up after the loss is refused as well.
        tries = [request.at for request in proxy.requests if request.at > revoked]
        most = max(sum(at <= other < at + 5.0 for other in tries) for at in tries)
        record_property("requests in 5 s at most, after the token of a kept lease was revoked", most)
        assert most <= 3
    with here.connect(here.acl.token(policy())) as other:
        other.wait_lease("revoked", period=10, timeout=2 * PERIOD + 5.0).release()


@pytest.mark.parametrize("way", ["option", "file", "variable", "file in a variable"])
def test_where_a_token_comes_from(
    here: Realm, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them alone opens; and in each an unknown one does not."""
    for token, works in ((here.acl.token(policy()), True), (str(uuid.uuid4()), False)):
        file = tmp_path / "token"
        file.write_text(f"{token}\n")
        monkeypatch.setenv("CONSUL_HTTP_TOKEN", token if way == "variable" else "")
        monkeypatch.setenv("CONSUL_HTTP_TOKEN_FILE", str(file) if way == "file in a variable" else "")
        options: dict[str, Any] = {"token": None}
        if way == "option":
            options = {"token": token}
        if way == "file":
            options = {"token": None, "token_file": file}
        with here.connect(**options) as manager:
            if works:
                assert manager.wait_lease("way", period=10, timeout=10).release()
                continue
            with pytest.raises(AuthFailed):
                manager.acquire_lease("way")
