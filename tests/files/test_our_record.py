"""Our own record as a liblease program reads it: the other half of sharing one folder both ways."""

from __future__ import annotations

import json
import re
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from coordination import Manager
from tests.files.conftest import Open
from tests.files.foreign import BILLION, HeldError, LibLease, LostError, unix_of

GO_FIELDS = ["instance_id", "pid", "host", "acquired_at", "renewed_at", "ttl", "meta"]
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def _record(folder: Path, name: str = "x") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return found


def test_it_has_exactly_the_fields_and_types_of_liblease(folder: Path, manager: Manager) -> None:
    """Names, order and types, integer nanoseconds, RFC 3339 times, and strings only in `meta`."""
    assert manager.acquire_lease("x", period=7.5, metadata={"zone": "b"}) is not None
    record = _record(folder)
    assert list(record) == GO_FIELDS
    assert str(uuid.UUID(record["instance_id"])) == record["instance_id"]
    assert type(record["pid"]) is int
    assert isinstance(record["host"], str)
    assert record["ttl"] == 7_500_000_000
    assert type(record["ttl"]) is int
    assert all(RFC_3339.fullmatch(record[name]) for name in ("acquired_at", "renewed_at"))
    assert record["meta"]["zone"] == "b"
    assert all(isinstance(text, str) for text in record["meta"].values())


def test_it_is_indented_by_two_spaces(folder: Path, manager: Manager) -> None:
    """The very text that `json.MarshalIndent(record, "", "  ")` would lay out."""
    assert manager.acquire_lease("x", metadata={"who": 'ä "quoted" \\ \n'}) is not None
    text = (folder / "x.json").read_text(encoding="utf-8")
    assert text.rstrip("\n") == json.dumps(json.loads(text), indent=2, ensure_ascii=False)


@pytest.mark.parametrize("period", [None, 30])
def test_each_renewal_is_fresh_to_strangers(folder: Path, manager: Manager, period: float | None) -> None:
    """renewed_at + ttl moves on with every renewal, also one that asks for another period."""
    lease = manager.acquire_lease("x", period=20)
    assert lease is not None
    before = _record(folder)
    time.sleep(0.05)
    asked = time.time()
    lease.renew(period)
    after = _record(folder)
    assert unix_of(after["renewed_at"]) >= asked - 1e-3 > unix_of(before["renewed_at"])
    assert after["ttl"] == int((period or 20) * BILLION)
    assert after["acquired_at"] == before["acquired_at"]


def test_resuming_is_fresh_to_strangers(folder: Path, opened: Open) -> None:
    """What we believe after `resume`, a liblease program must be able to read in the record."""
    lease = opened().acquire_lease("x", period=20)
    assert lease is not None
    assert lease.secret is not None
    time.sleep(0.3)
    manager = opened()
    resumed = manager.resume("x", lease.secret)
    record = _record(folder)
    theirs = unix_of(record["renewed_at"]) + record["ttl"] / BILLION - time.time()
    ours = resumed.deadline - manager.clock.now()
    assert ours <= theirs + 0.05, "we believe for longer than a stranger is told"


def test_a_stranger_is_kept_out_and_let_in_after_release(folder: Path, manager: Manager) -> None:
    """liblease's own Acquire: held while we hold, free once we let go."""
    lease = manager.acquire_lease("x")
    assert lease is not None
    stranger = LibLease(folder / "x.json", 10)
    with pytest.raises(HeldError, match=_record(folder)["instance_id"]):
        stranger.acquire()
    lease.release()
    stranger.acquire()
    assert manager.acquire_lease("x") is None


def test_a_stranger_takes_over_ours_after_expiry(folder: Path, manager: Manager) -> None:
    """F2 the other way round: our expired record is as good as free to them."""
    lease = manager.acquire_lease("x", period=1.0)
    assert lease is not None
    time.sleep(1.05)
    stranger = LibLease(folder / "x.json", 10)
    stranger.acquire()
    seen = manager.get_lease("x")
    assert seen is not None
    assert seen.token > lease.token


def test_our_takeover_is_told_to_a_stranger(folder: Path, manager: Manager) -> None:
    """Its Renew is ErrLost and its Release leaves our record alone (F2, F5)."""
    stranger = LibLease(folder / "x.json", 0.1)
    stranger.acquire()
    time.sleep(0.15)
    lease = manager.acquire_lease("x")
    assert lease is not None
    with pytest.raises(LostError):
        stranger.renew()
    stranger.release()
    lease.check()
    lease.renew()


def test_metadata_survives_a_renewal(folder: Path, manager: Manager) -> None:
    """D4, in the record itself."""
    lease = manager.acquire_lease("x", metadata={"endpoint": "tcp://h:1", "coordination": "mine"})
    assert lease is not None
    lease.renew()
    meta = _record(folder)["meta"]
    assert (meta["endpoint"], meta["coordination"]) == ("tcp://h:1", "mine")


def test_the_secret_is_nowhere_in_the_folder(folder: Path, manager: Manager) -> None:
    """Only its digest is stored."""
    lease = manager.acquire_lease("x")
    assert lease is not None
    assert lease.secret
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert lease.secret.encode() not in written
