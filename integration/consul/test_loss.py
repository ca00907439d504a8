"""Who loses a lease is told, soon and with the reason (pitfalls 5, 27, 28, 41, 42; acceptance 11, 14, 22)."""

from __future__ import annotations

import base64
import time
from contextlib import closing
from typing import Any

import pytest

from coordination import Manager, connect
from coordination.record import Session
from coordination.stores.consul.keys import Keys, path_of
from coordination.stores.consul.opening import open_store
from coordination.stores.consul.settings import PREFIX
from integration.faults.held import Held
from integration.faults.loss_suite import SOON, LossSuite
from integration.faults.measuring import eventually
from integration.servers.consul import ConsulCluster
from integration.servers.tcp_proxy import TcpProxy

pytestmark = pytest.mark.xdist_group("consul-loss")


def _path(held: Held) -> str:
    return path_of(Keys(PREFIX).stored(held.key))


class TestConsulLoss(LossSuite):
    """As somebody takes it away who knows Consul's API."""

    expiry = 2.0

    def revoke(self, node: Any, held: Held) -> None:
        assert node.ask("PUT", f"/v1/session/destroy/{held.session}") is True

    def delete(self, node: Any, held: Held) -> None:
        assert node.ask("GET", _path(held))[0]["Session"] == held.session
        assert node.ask("DELETE", _path(held)) is True

    def overwrite(self, node: Any, held: Held) -> None:
        assert node.ask("PUT", _path(held), "what a stranger wrote") is True

    def clear(self, node: Any, held: Held) -> None:
        node.ask("DELETE", _path(held))

    def unlock(self, node: Any, held: Held) -> None:
        """Everything stays as it was, but that nobody holds it."""
        value = base64.b64decode(node.ask("GET", _path(held))[0]["Value"]).decode()
        unlock = {"Verb": "unlock", "Key": Keys(PREFIX).stored(held.key), "Session": held.session}
        unlock["Value"] = base64.b64encode(value.encode()).decode()
        assert not node.ask("PUT", "/v1/txn", [{"KV": unlock}])["Errors"]

    def test_an_unlocked_record_is_a_loss(self, node: ConsulCluster, manager: Manager) -> None:
        """`consul lock` tools can do that: the record is still there, and says that we have it."""
        held = Held(manager, "unlocked", period=30.0)
        time.sleep(0.3)
        self.unlock(node, held)
        since = time.time()
        at, reason = held.told.get(timeout=10.0)
        assert reason in {"broken", "stolen"}
        assert at - since <= SOON
        self.clear(node, held)


def test_a_destroyed_session_is_lost(node: ConsulCluster) -> None:
    """Pitfall 41: 404, and a look that says the same; also one that never was."""
    with closing(open_store(node.url)) as store:
        session = store.open_session(30.0, timeout=5.0)
        assert store.renew_session(session, timeout=5.0) == session
        node.ask("PUT", f"/v1/session/destroy/{session.id}")
        assert store.renew_session(session, timeout=5.0) is None
        never = Session("7fffffff-0000-4000-8000-000000000000", 30.0)
        assert store.renew_session(never, timeout=5.0) is None


def test_a_lost_lease_destroys_its_session(node: ConsulCluster) -> None:
    """Pitfall 42: cut off until the deadline; back again, its name is free before Consul would free it."""
    period = 6.0
    with TcpProxy(node.endpoints[0]) as way, connect(f"consul://{way.endpoint}", timeout=1.0) as manager:
        held = Held(manager, "cut-off", period)
        way.refuse()
        way.cut()
        _, reason = held.told.get(timeout=period + 3.0)
        way.restore()
        assert reason == "expired"
        assert held.lease.lost == "expired"
        # Consul itself would wait for two periods.
        left = held.lease.renewed_at + 2 * period - 1.0 - time.time()
        assert left > 2.0
        eventually(lambda: not node.ask("GET", f"/v1/session/info/{held.session}"), left)
        assert not node.ask("GET", _path(held))
