"""Rights that change under a running manager, and those that every call of the contract needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from coordination import PermissionDenied
from coordination.record import Guard
from coordination.store import Swap
from coordination.stores.consul.opening import open_store
from integration.consul.realms import SESSIONS, WRITES, Realm, policy, realm

pytestmark = pytest.mark.xdist_group("consul-security")

KEY = "/leases/name"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    with realm(tmp_path_factory.mktemp("acl")) as made:
        yield made


def test_rights_that_come_and_go(here: Realm) -> None:
    """A policy is changed under a running manager: what is allowed now works, what no longer is, is not."""
    token = here.acl.token(f'{SESSIONS} key_prefix "later/" {{ policy = "read" }}')
    policy = here.cluster.ask("GET", "/v1/acl/token/self", token=token)["Policies"][0]
    with here.connect(token, prefix="later") as manager:
        with pytest.raises(PermissionDenied):
            manager.acquire_lease("name")
        _allow(here, policy, f"{SESSIONS} {WRITES.replace('mine', 'later')}")
        lease = manager.wait_lease("name", period=10, timeout=10)
        _allow(here, policy, SESSIONS)
        with pytest.raises(PermissionDenied):
            lease.renew()
        assert lease.held
        _allow(here, policy, f"{SESSIONS} {WRITES.replace('mine', 'later')}")
        lease.renew()
        assert lease.release()


def _allow(here: Realm, policy: dict[str, str], rules: str) -> None:
    here.cluster.ask("PUT", f"/v1/acl/policy/{policy['ID']}", {**policy, "Rules": rules})


def test_a_denied_key_in_the_contract(here: Realm) -> None:
    """Every call of the store says so, a watch on a single key and one on a folder among them."""
    url = f"consul://{here.endpoint}/mine"
    with (
        here.connect(here.acl.token(policy())) as owner,
        owner.wait_lease("name", period=30, timeout=10) as lease,
        closing(open_store(url, token=here.acl.token(SESSIONS))) as store,
    ):
        session = store.open_session(10, timeout=5)
        calls: list[Callable[[], object]] = [
            lambda: store.create(KEY, b"", session, timeout=5),
            lambda: store.create("/leases/free", b"", session, timeout=5),
            lambda: store.replace(KEY, b"", session, lease.index, timeout=5),
            lambda: store.delete(KEY, lease.index, timeout=5),
            lambda: store.commit(Guard(KEY, session.id), {"/data/key": b""}, [], timeout=5),
            lambda: store.commit(Guard(KEY, session.id), {}, ["/data/key"], timeout=5),
            lambda: store.read(KEY, timeout=5),
            lambda: store.list("/leases/", timeout=5),
            lambda: store.watch(KEY, 0, _nobody, timeout=5),
            lambda: store.watch("/leases/free", 0, _nobody, timeout=5),
            lambda: store.watch("/leases/", 0, _nobody, timeout=5),
        ]
        for number, call in enumerate(calls):
            with pytest.raises(PermissionDenied):
                call()
            assert lease.held, number
        store.close_session(session, timeout=5)


def test_a_denied_key_in_a_batch(here: Realm) -> None:
    """Each swap of a batch is refused, and what is stored stays as it is."""
    with here.connect(here.acl.token(policy())) as owner:
        lease = owner.wait_lease("batched", period=30, timeout=10)
        with closing(open_store(f"consul://{here.endpoint}/mine", token=here.acl.token(SESSIONS))) as store:
            session = store.open_session(10, timeout=5)
            answers = store.replace_all([Swap("/leases/batched", b"", session, lease.index)] * 2, timeout=5)
            assert [type(answer) for answer in answers] == [PermissionDenied] * 2
            store.close_session(session, timeout=5)
        seen = owner.get_lease("batched")
        assert seen is not None
        assert seen.index == lease.index
        assert lease.release()


def _nobody(key: str, index: int) -> None:
    raise AssertionError(f"told of {key}, which nobody may see")
