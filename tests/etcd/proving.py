"""An etcd that says of one lease what a test tells it to: for the tests of proofs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from coordination.contention import Proof
from coordination.record import Session
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.opening import store_on
from coordination.stores.etcd.requests import session_id
from coordination.stores.etcd.settings import settings_of
from coordination.stores.etcd.store import EtcdStore
from tests.etcd.scripted import Cluster, Member, header

T = 10.0
LEASE = 5
SESSION = Session(session_id(LEASE), 30.0)


class Server:
    """Records by key, as (created, lease), and what its leader believes to hang on the lease."""

    def __init__(self, records: Mapping[str, tuple[int, int]]) -> None:
        self.records = dict(records)
        self.listed: list[str] | None = None
        self.alive = True
        self.looks: list[list[str]] = []
        member = Member(self._script)
        self.calls = member.calls
        settings = settings_of(urlsplit("etcd://a/p"), {}, plaintext_password=False)
        self.store: EtcdStore = store_on(settings, Cluster(a=member))

    def prove(
        self, expected: Iterable[str], doubtful: Iterable[str] = (), session: Session = SESSION
    ) -> Proof:
        """Each record's `created` is 1 when it is expected."""
        self.calls.clear()
        self.looks.clear()
        return self.store.prove(session, dict.fromkeys(expected, 1), frozenset(doubtful), timeout=T)

    def _script(self, name: str, request: Any) -> Any:
        if name == "LeaseTimeToLive":
            assert request.keys, "the keys are what is asked for"
            return self._list(request.ID)
        if name == "LeaseRevoke":
            return message("LeaseRevokeResponse")(header=header())
        assert name == "Txn", "nothing else may be asked"
        assert not request.compare, "a condition hides what is there"
        assert request.success, "etcd answers a transaction without a look from wherever it stands"
        return self._look([it.request_range for it in request.success])

    def _list(self, lease: int) -> Any:
        if not self.alive:
            return message("LeaseTimeToLiveResponse")(header=header(), ID=lease, TTL=-1)
        there = [key for key, (_, on) in self.records.items() if on == lease]
        keys = [f"p/{key}".encode() for key in (there if self.listed is None else self.listed)]
        return message("LeaseTimeToLiveResponse")(header=header(), ID=lease, TTL=20, grantedTTL=30, keys=keys)

    def _look(self, ranges: list[Any]) -> Any:
        keys = [it.key.decode().removeprefix("p/") for it in ranges]
        assert all(it.keys_only and not it.range_end for it in ranges)
        self.looks.append(keys)
        responses = [{"response_range": {"kvs": self._pairs(key)}} for key in keys]
        return message("TxnResponse")(header=header(), succeeded=True, responses=responses)

    def _pairs(self, key: str) -> list[Any]:
        if key not in self.records:
            return []
        created, lease = self.records[key]
        return [
            {
                "key": f"p/{key}".encode(),
                "create_revision": created,
                "mod_revision": created + 1,
                "lease": lease,
            }
        ]


def named(count: int) -> list[str]:
    return [f"ns/locks/{number:05}/me" for number in range(count)]


def held(count: int) -> tuple[Server, list[str]]:
    """So many records on the lease, each created at 1."""
    keys = named(count)
    return Server(dict.fromkeys(keys, (1, LEASE))), keys
