"""What makes no sense is a `ConfigurationError`, and nothing reaches the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from coordination import ConfigurationError, Manager, connect
from coordination.testing import FaultyStore
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, got

NO_NUMBERS = [0, -1, float("nan"), float("inf"), True, False, "5", 1e12, 10**400, timedelta(0), b"1", [1]]
VERBS: dict[str, Callable[[Manager, object], object]] = {
    "acquire": lambda manager, period: manager.acquire_lease(NAME, period=period),  # type: ignore[arg-type]
    "wait": lambda manager, period: manager.wait_lease(NAME, period=period, timeout=0),  # type: ignore[arg-type]
    "steal": lambda manager, period: manager.steal_lease(NAME, None, 0, period, 7),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("period", [*NO_NUMBERS, None], ids=lambda value: repr(value)[:12])
def test_no_period(
    manager: Manager, store: LateStore, verb: Callable[[Manager, object], object], period: object
) -> None:
    """D12: zero, negative, not finite, a bool, text, nothing, or 31 000 years."""
    with pytest.raises(ConfigurationError):
        verb(manager, period)
    assert store.calls == []


@pytest.mark.parametrize("period", NO_NUMBERS, ids=lambda value: repr(value)[:12])
def test_no_period_to_renew_for(manager: Manager, store: LateStore, period: object) -> None:
    """The same in `renew`; the lease is as it was."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    calls, deadline = list(store.calls), lease.deadline
    with pytest.raises(ConfigurationError):
        lease.renew(period)  # type: ignore[arg-type]
    assert (store.calls, lease.deadline, lease.period, lease.held) == (calls, deadline, PERIOD, True)


def test_renew_none_keeps_the_period(manager: Manager) -> None:
    """None means: as before, also after a change."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.renew(None)
    assert lease.period == PERIOD
    lease.renew(timedelta(seconds=4))
    lease.renew(None)
    assert (lease.period, got(manager.get_lease(NAME)).period) == (4.0, 4.0)


NO_NAMES = ["", None, 1, b"name", "\udcff", "x" * 256, "é" * 128]
NAMED: dict[str, Callable[[Manager, object], object]] = {
    "get": lambda manager, name: manager.get_lease(name),  # type: ignore[arg-type]
    "acquire": lambda manager, name: manager.acquire_lease(name),  # type: ignore[arg-type]
    "wait": lambda manager, name: manager.wait_lease(name, timeout=0),  # type: ignore[arg-type]
    "steal": lambda manager, name: manager.steal_lease(name, None, 0, 1.0, 7),  # type: ignore[arg-type]
    "resume": lambda manager, name: manager.resume(name, "secret"),  # type: ignore[arg-type]
    "watch": lambda manager, name: manager.watch(name),  # type: ignore[arg-type]
    "read": lambda manager, name: manager.read(name),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("call", NAMED.values(), ids=NAMED)
@pytest.mark.parametrize("name", NO_NAMES, ids=lambda value: repr(value)[:12])
def test_no_name(
    manager: Manager, store: LateStore, call: Callable[[Manager, object], object], name: object
) -> None:
    """Empty, too long, not text, or text that no encoding has."""
    with pytest.raises(ConfigurationError):
        call(manager, name)
    assert store.calls == []


@pytest.mark.parametrize(
    "given",
    [
        {"version": -1},
        {"version": True},
        {"version": "1"},
        {"version": 1.0},
        {"version": None},
        {"version": 2**63},
        {"version": 10**5000},
        {"machine_id": ""},
        {"machine_id": 7},
        {"machine_id": "\udcff"},
        {"metadata": {"a": 1}},
        {"metadata": {1: "a"}},
        {"metadata": ["a"]},
        {"metadata": "text"},
        {"metadata": {"coordination.token": "1"}},
        {"metadata": {"a": "\udcff"}},
    ],
    ids=lambda given: "version=10**5000" if given == {"version": 10**5000} else repr(given),
)
def test_no_holder(manager: Manager, store: LateStore, given: dict[str, object]) -> None:
    """Versions, machine ids and metadata that cannot be stored."""
    with pytest.raises(ConfigurationError):
        manager.acquire_lease(NAME, **given)  # type: ignore[arg-type]
    assert store.calls == []


@pytest.mark.parametrize("index", [2**63, 10**5000], ids=["2**63", "10**5000"])
def test_no_index(manager: Manager, store: LateStore, index: int) -> None:
    """More than any store counts to; Python even refuses to print the longer one."""
    with pytest.raises(ConfigurationError):
        manager.steal_lease(NAME, None, 0, PERIOD, index)
    assert store.calls == []


def test_no_text_to_commit(manager: Manager, store: LateStore) -> None:
    """Text that no encoding has; the message does not repeat what may be nobody's business."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    calls = list(store.calls)
    with pytest.raises(ConfigurationError) as error:
        lease.commit({"key": "private \ud800"})
    assert (store.calls, "private" in str(error.value)) == (calls, False)


@pytest.mark.parametrize("name", ["a", "../x", "a/b", ".", "CON", "naïve ☃", "%41", "x" * 255, "\n", " "])
def test_odd_names_are_names(world: World, manager: Manager, name: str) -> None:
    """Whatever the name, it is one lease of its own, and is listed as it is."""
    lease = got(manager.acquire_lease(name, period=PERIOD))
    assert [view.name for view in manager.list_leases()] == [name]
    assert got(world.manager().get_lease(name)).token == lease.token
    assert lease.release()


@pytest.mark.parametrize(
    "target",
    [
        "zookeeper://host",
        "no-url",
        "",
        "memory://?durable=true",
        "file:///tmp/x?colour=red",
        "file:///tmp/x?durable=true&durable=false",
        "file:///tmp/x?durable=perhaps",
        "file://otherhost/tmp/x",
        "file:///tmp/x%00y",
        7,
        b"memory://",
    ],
    ids=repr,
)
def test_no_target(target: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Unknown schemes and options, options given twice, and what is no URL at all."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("COORDINATION_URL", raising=False)
    with pytest.raises(ConfigurationError):
        connect(target)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [
        {"namespace": "\udcff"},
        {"namespace": 7},
        {"namespace": "x" * 256},
        {"timeout": 0},
        {"timeout": None},
        {"timeout": True},
        {"stall_after": 0},
        {"stall_after": float("nan")},
        {"machine_id": ""},
        pytest.param({"clock": object()}, id="{'clock': object()}"),  # repr would name its address
        {"durable": True},
        {"colour": "red"},
    ],
    ids=repr,
)
def test_no_manager(world: World, given: dict[str, object]) -> None:
    """What `connect` is given is checked before anything is contacted."""
    store: FaultyStore = world.store()
    with pytest.raises(ConfigurationError):
        connect(store, **given)  # type: ignore[arg-type]
    assert store.calls == []
