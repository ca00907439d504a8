"""Who loses a lease is told, soon and with the reason (pitfalls 5, 27, 28, 29; acceptance 11, 14, 22)."""

from __future__ import annotations

from typing import Any

import pytest

from coordination.record import Session
from coordination.stores.etcd.opening import open_store
from integration.faults.held import Held
from integration.faults.loss_suite import LossSuite
from integration.servers.etcd import EtcdCluster

pytestmark = pytest.mark.xdist_group("members")


class TestEtcdLoss(LossSuite):
    """As etcdctl takes it away."""

    def revoke(self, node: Any, held: Held) -> None:
        node.ctl("lease", "revoke", held.session)

    def delete(self, node: Any, held: Held) -> None:
        assert node.ctl("del", held.key).strip() == "1"

    def overwrite(self, node: Any, held: Held) -> None:
        node.ctl("put", held.key, "what a stranger wrote")

    def clear(self, node: Any, held: Held) -> None:
        node.ctl("del", held.key)


def test_a_revoked_session_is_lost_without_any_error(node: EtcdCluster) -> None:
    """Pitfall 29: a keepalive of an unknown lease is answered with ttl 0, not with an error: None."""
    store = open_store(node.url)
    try:
        session = store.open_session(30.0, timeout=5.0)
        assert store.renew_session(session, timeout=5.0) == session
        node.ctl("lease", "revoke", session.id)
        assert store.renew_session(session, timeout=5.0) is None
        assert store.renew_session(Session("7ffffffffffffff", 30.0), timeout=5.0) is None
    finally:
        store.close()
