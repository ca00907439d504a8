"""Servers that mean no good in the place of an agent: bounded in time and memory, typed, and told no secret.

Acceptance 37, 47, 48 and 51. What agents that only lie about indexes and types can do is in
test_lies.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from coordination import StoreRefused, connect
from coordination.record import Session
from coordination.stores.consul.opening import open_store
from integration.consul import hostile_guest
from integration.faults.calls import contending_calls, manager_calls, store_calls
from integration.faults.measuring import Outcome, Recorded, all_at_once, measured
from integration.servers.hostile_http import MANNERS, HostileHttp, redirecting
from integration.servers.http_manners import saying
from integration.servers.http_wire import Answer

pytestmark = [
    pytest.mark.xdist_group("consul-hostile"),
    pytest.mark.timeout(300),
    pytest.mark.untraced,  # what is measured here is our code's time and memory, not coverage's
]

ROOT = Path(__file__).parents[2]
SLACK = 0.5
"""Seconds that a call may take longer than its timeout; promised, so not widened here."""
MOST = 50_000_000
"""Bytes of memory that all calls together may add."""
PATIENCE = 60.0
AT_ONCE, AGAIN = 6, 2
"""Guests side by side, at first and when they are measured once more: most of them just wait."""
TOKEN = "11111111-2222-4333-8444-555555555555"

Told = dict[str, Any]


def _guest(manner: str) -> Told:
    """What a program told that asked a server of this manner for everything."""
    with HostileHttp(MANNERS[manner]) as server:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CONSUL", "COORD"))}
        ran = subprocess.run(
            [sys.executable, "-m", hostile_guest.__name__, server.endpoint],
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=True,
            env={**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
            cwd=ROOT,
        )
        told: Told = json.loads(ran.stdout)
        return {**told, "manner": manner, "requests": len(server.requests), "connections": server.connections}


@pytest.fixture(scope="module")
def guests() -> dict[str, Outcome[Told]]:
    """One guest for each manner; all of them take a minute.

    Of hundreds of calls one may be late because the machine was busy elsewhere: who was late is
    asked again, almost alone. A defect of ours shows again.
    """
    told = all_at_once({manner: partial(_guest, manner) for manner in MANNERS}, AT_ONCE)
    late = [manner for manner, outcome in told.items() if outcome.value and _late(outcome.value)]
    again = {manner: partial(_guest, manner) for manner in late}
    return {**told, **all_at_once(again, AGAIN)} if again else told


def _late(told: Told) -> dict[str, float]:
    """The calls that took longer than they may."""
    bound = hostile_guest.TIMEOUT + SLACK
    return {name: took for name, took in told["took"].items() if took > bound}


TRUE_LOOKING = {"many_records"}
"""Their lists might come from an honest agent; and what the others tell could come from none."""


@pytest.fixture(params=sorted(MANNERS))
def told(request: pytest.FixtureRequest, guests: dict[str, Outcome[Told]]) -> Told:
    """What the guest of one manner told."""
    outcome = guests[request.param]
    assert outcome.error is None, outcome.error
    assert outcome.value is not None
    assert outcome.value["requests"] > 10
    return outcome.value


def test_every_call_is_bounded(told: Told, record_property: Recorded) -> None:
    """Acceptance 37: back within the timeout + 0.5 s, whatever comes."""
    record_property("s of the slowest call, timeout 1 s", max(told["took"].values()))
    assert len(told["took"]) > 20
    assert _late(told) == {}


def test_memory_is_bounded(told: Told, record_property: Recorded) -> None:
    """Acceptance 37: not what is promised, packed or poured out, nor what it would become when parsed."""
    record_property("MB that a process grew by", told["grown"] / 1e6)
    assert told["grown"] < MOST


def test_errors_are_ours(told: Told) -> None:
    """Acceptance 37: nothing of json, http or urllib3 crosses the store's boundary."""
    assert told["untyped"] == {}


def test_nothing_is_believed(told: Told) -> None:
    """No lease, session, record, write or loss comes of nonsense; closing just ends."""
    lists = {"list", "manager's list_leases"} if told["manner"] in TRUE_LOOKING else set()
    assert set(told["believed"]) <= {"store's close", "manager's close"} | lists


def _with_token(endpoint: str) -> dict[str, Callable[[], object]]:
    """Every call that there is, of a store and of a manager that know a token."""
    store = open_store(f"consul://{endpoint}", token=TOKEN)
    manager = connect(f"consul://{endpoint}", timeout=2.0, token=TOKEN)
    session = Session("7fffffff-0000-4000-8000-000000000000", 10.0)
    return {
        **store_calls(store, session, 2.0),
        **contending_calls(store, session, 2.0),
        **{f"manager's {name}": call for name, call in manager_calls(manager, 0.5).items()},
        "manager's close": manager.close,
        "store's close": store.close,
    }


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """Acceptance 48: the other host never hears of us, let alone of the token; the error says so."""
    with redirecting(status) as (sending, other):
        outcomes = {name: measured(call) for name, call in _with_token(sending.endpoint).items()}
        assert other.connections == 0
        assert 0 < len(sending.requests) <= 3 * len(outcomes)
        assert {request.headers["x-consul-token"] for request in sending.requests} == {TOKEN}
        assert not [request.target for request in sending.requests if TOKEN in request.target]
    errors = {name: outcome.error for name, outcome in outcomes.items() if not name.endswith("close")}
    assert {name: error for name, error in errors.items() if not isinstance(error, StoreRefused)} == {}
    assert not [error for error in errors.values() if TOKEN in repr(error)]


@pytest.mark.parametrize("status", [301, 307, 308])
def test_a_redirect_on_the_same_host_is_not_followed(status: int) -> None:
    """Pitfall 45: that is how Consul leads a name with dots in it to the agent's own endpoints."""
    away = Answer(status, b"", (("Location", "/v1/agent/maintenance?enable=true"),))
    with HostileHttp(saying(away)) as server:
        outcomes = {name: measured(call) for name, call in _with_token(server.endpoint).items()}
        assert len(outcomes) > 15
        assert not [request.target for request in server.requests if "agent" in request.target]


def test_proxies_and_netrc_are_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acceptance 51: what the environment says of proxies and passwords is not for lock traffic."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login them password hunter2\ndefault login them password hunter2\n")
    with HostileHttp(MANNERS["no_json"]) as proxy, HostileHttp(MANNERS["no_json"]) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://{proxy.endpoint}")
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("NO_PROXY", "")
        for call in _with_token(server.endpoint).values():
            measured(call)
        assert proxy.connections == 0
        assert len(server.requests) > 10
        assert not [request for request in server.requests if "authorization" in request.headers]
