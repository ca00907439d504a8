"""`acquire --wait` at a store that does not answer: given up if it never did, waited for if it did."""

from __future__ import annotations

import pytest

from coordination import Manager, StoreUnavailable
from coordination.cli import waiting
from coordination.record import Record
from coordination.stores.file.store import FileStore
from tests.cli.conftest import Cli

OUTAGE = 5
"""Reads that fail."""


def test_a_store_that_never_answers_is_given_up(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong URL must not wait for ever, though no timeout was given."""

    def fail(self: FileStore, ttl: float, *, timeout: float) -> None:
        raise StoreUnavailable("no answer")

    monkeypatch.setattr(waiting, "FIRST_CONTACT", 0.3)
    monkeypatch.setattr(FileStore, "open_session", fail)
    monkeypatch.setattr(FileStore, "read", fail)
    result = cli("acquire", "job", "--wait")
    assert (result.exit_code, result.stdout) == (122, "")
    assert "no answer" in result.stderr


def test_a_store_that_has_answered_is_waited_for(
    cli: Cli, other: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outage after the first answer is ridden out, however long the first one may take."""
    lease = other.acquire_lease("job", period=60)
    assert lease is not None
    failed: list[str] = []
    watch, read = Manager.watch, FileStore.read

    def looked_away(self: Manager, name: str, timeout: float) -> object:
        monkeypatch.setattr(FileStore, "read", fail)
        return watch(self, name, timeout)

    def fail(self: FileStore, key: str, *, timeout: float) -> Record | None:
        failed.append(key)
        if len(failed) < OUTAGE:
            raise StoreUnavailable("no answer")
        monkeypatch.setattr(FileStore, "read", read)
        lease.release()
        return read(self, key, timeout=timeout)

    monkeypatch.setattr(waiting, "FIRST_CONTACT", 0.0)
    monkeypatch.setattr(Manager, "watch", looked_away)
    assert cli("acquire", "job", "--wait").exit_code == 0
    assert len(failed) == OUTAGE
