"""The first connection loads urllib3: a child that is forked meanwhile must be able to connect as well."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from coordination.stores.consul import agent as agents
from coordination.stores.consul.lines import _is_alive

MODULE = "coordination.stores.consul.connections"


class Slowly:
    """A finder that has the module loaded once it is allowed."""

    def __init__(self) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == MODULE and not self.begun.is_set():
            self.begun.set()
            self.may_end.wait(20)


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slowly]:
    """As if nobody had connected yet."""
    kept, slowly = sys.modules.pop(MODULE, None), Slowly()
    package = sys.modules["coordination.stores.consul"]
    monkeypatch.delattr(package, "connections", raising=False)
    sys.meta_path.insert(0, slowly)
    yield slowly
    sys.meta_path.remove(slowly)
    if kept is not None:
        sys.modules[MODULE] = kept
        package.connections = kept  # type: ignore[attr-defined]


@pytest.mark.untraced
@pytest.mark.skipif("os.name != 'posix'")
def test_a_child_forked_meanwhile_connects(loading: Slowly) -> None:
    """The fork waits until the module is there, so that its lock is free in the child."""
    first = threading.Thread(target=agents._connections)
    first.start()
    assert loading.begun.wait(20)
    threading.Timer(0.3, loading.may_end.set).start()
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        agents._connections()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    first.join()
    assert os.waitstatus_to_exitcode(status) == 0


class Closing:
    """A connection whose socket another thread closes at this moment."""

    @property
    def is_connected(self) -> bool:
        raise ValueError("file descriptor cannot be a negative integer (-1)")


def test_a_connection_that_is_being_closed_is_not_alive() -> None:
    """The watch goes on with another one."""
    assert not _is_alive(Closing())  # type: ignore[arg-type]
