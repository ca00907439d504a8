"""A watch on what is not there: nobody waits for ever for what the token may not read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from coordination.errors import PermissionDenied
from coordination.stores.consul.message import Answer, Request
from tests.consul.polled import FakeConsul, eventually
from tests.consul.subscribers import FOLDER, Subscriber, key, threads


class Denying(FakeConsul):
    """Leaves out what may not be read, as Consul does, and says so only to who asks for one key."""

    def ask(
        self, request: Request, reading: Callable[[Answer], Any], timeout: float, expected: Sequence[int]
    ) -> Any:
        if request.query == "consistent":
            self.polls.append((request.path, request.query))
            raise PermissionDenied("Permission denied")
        return super().ask(request, reading, timeout, expected)

    @property
    def confirmed(self) -> list[str]:
        """The paths that were asked for whether we may."""
        return [path for path, query in self.polls if query == "consistent"]


@pytest.mark.parametrize(
    ("prefix", "path"), [(key(1), "/v1/kv/p/n/leases/0001"), (FOLDER, "/v1/kv/p/n/leases/x")]
)
def test_a_denied_watch_does_not_begin(prefix: str, path: str) -> None:
    """It is an error at once, and leaves nothing behind."""
    consul = Denying()
    watches = consul.watches()
    with pytest.raises(PermissionDenied):
        Subscriber(watches, prefix)
    assert consul.confirmed == [path]
    assert watches._all == {}
    watches.close()
    assert eventually(lambda: not threads())


@pytest.mark.parametrize("prefix", [key(1), FOLDER])
def test_what_is_there_may_be_read(prefix: str) -> None:
    """So nothing more is asked."""
    consul = Denying()
    index = consul.put(key(1))
    watches = consul.watches()
    assert Subscriber(watches, prefix).hears((key(1), index))
    assert consul.confirmed == []
    watches.close()
    assert eventually(lambda: not threads())
