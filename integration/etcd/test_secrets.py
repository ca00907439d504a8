"""Passwords, tokens, keys and the secrets of leases show nowhere, whatever goes right or wrong."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from coordination import CoordinationError, Lease, LeaseLost, Manager, connect
from integration.etcd.realms import PASSWORD, Realm, realm
from integration.servers.certificates import Certificates
from integration.servers.etcd_binaries import VERSIONS
from integration.servers.grpc_proxy import GrpcProxy
from integration.servers.hostile import refusing

pytestmark = pytest.mark.xdist_group("security")

WRONG = "s3cret-w0rd"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    with realm(VERSIONS[0], tmp_path_factory.mktemp("secrets")) as made:
        yield made


@pytest.fixture
def proxy(here: Realm) -> Iterator[GrpcProxy]:
    with GrpcProxy(here.cluster.endpoints[0]) as made:
        yield made


def _lived(manager: Manager, proxy: GrpcProxy) -> list[str]:
    """Most of what there is to log; the secrets that came up."""
    lease = manager.wait_lease("name", period=10, timeout=10).keep_alive()
    assert manager.acquire_lease("name") is None
    lease.renew()
    lease.commit({"key": "value"})
    lease.release()
    lost = manager.wait_lease("lost", period=10, timeout=10).keep_alive()
    stolen = manager.steal_lease("lost", "thief", 0, 10, lost.index)
    assert stolen is not None
    with pytest.raises(LeaseLost):
        lost.renew()
    with pytest.raises(LeaseLost):
        manager.resume("lost", str(lost.secret))
    stolen.release()
    token = next(str(value) for key, value in proxy.metadata["Txn"] if key == "token")
    return [token, *(str(it.secret) for it in (lease, lost, stolen))]


class Events:
    """A logger like structlog's: it takes events with fields."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def _take(self, event: str, **fields: Any) -> None:
        self.seen.append(f"{event} {fields}")

    debug = info = warning = _take


def test_logs_at_debug(here: Realm, proxy: GrpcProxy, caplog: pytest.LogCaptureFixture) -> None:
    """Every logger of the process, every field of what it logs; and what a structured logger is given."""
    caplog.set_level(logging.DEBUG)
    events = Events()
    secrets = [PASSWORD, WRONG]
    given: list[dict[str, Any]] = [{}, {"logger": events}]
    for options in given:
        with here.connect(proxy.endpoint, **options) as manager:
            secrets += _lived(manager, proxy)
        with here.connect(password=WRONG, **options) as manager, pytest.raises(CoordinationError):
            manager.wait_lease("name").keep_alive()
    logged = "".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    for told in (logged, str(events.seen)):
        assert "lease-acquired" in told
        assert "lease-lost" in told
        assert not [secret for secret in secrets if secret in told]


def test_what_objects_show(here: Realm, proxy: GrpcProxy) -> None:
    """repr, str and vars of everything that a manager consists of; none of it can be pickled away."""
    with here.connect(proxy.endpoint) as manager:
        secrets = [PASSWORD, *_lived(manager, proxy)]
        lease = manager.wait_lease("name", period=10, timeout=10)
        secrets.append(str(lease.secret))
        for thing in (manager, lease, lease.grant):
            assert not [secret for secret in secrets if secret in f"{thing} {thing!r}"]
        shown = list(_shown(manager, set()))
        assert len(shown) > 20
        assert any("_password" in each for each in shown), "it does get as far as what is secret"
        for each in shown:
            assert not [secret for secret in secrets if secret in each]
        for thing in (manager, lease):
            with pytest.raises((TypeError, AttributeError, pickle.PicklingError)) as caught:
                pickle.dumps(thing)
            assert not [secret for secret in secrets if secret in repr(caught.value)]
        lease.release()


def _shown(thing: object, seen: set[int]) -> Iterator[str]:
    """The vars of a thing of ours and of all its parts, but of leases: who has one has its secret."""
    if id(thing) in seen or isinstance(thing, Lease):
        return
    seen.add(id(thing))
    parts: list[object] = []
    if type(thing).__module__.startswith("coordination"):
        slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        inside = {**getattr(thing, "__dict__", {}), **{name: getattr(thing, name, None) for name in slots}}
        yield repr({name: value for name, value in inside.items() if not isinstance(value, bytes)})
        parts = list(inside.values())
    elif isinstance(thing, Mapping):
        parts = list(thing.values())
    elif isinstance(thing, (list, tuple, set)):
        parts = list(thing)
    for part in parts:
        yield from _shown(part, seen)


def test_what_errors_show(here: Realm, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Messages, arguments, and tracebacks with all that an error is chained to."""
    made = Certificates(tmp_path_factory.mktemp("certificates"))
    endpoint = here.cluster.endpoints[0]
    key = made.client.key.read_text().splitlines()[1]
    secret = "ab" * 32

    def tls(url: str) -> object:
        options: dict[str, Any] = {"cacert": made.ca, "cert": made.client.cert, "key": made.client.key}
        with connect(url, timeout=0.5, **options) as manager:
            return manager.acquire_lease("name")

    with refusing() as nobody:
        calls: list[Callable[[], object]] = [
            lambda: here.connect(password=WRONG).acquire_lease("name"),
            lambda: here.connect(prefix="yours").acquire_lease("name"),
            lambda: here.connect(nobody, password=WRONG, timeout=0.5).acquire_lease("name"),
            lambda: here.connect().resume("nothing", secret),
            lambda: here.connect(user=f"worker:{WRONG}"),
            lambda: connect(f"etcd://worker:{WRONG}@{endpoint}"),
            lambda: connect(f"etcds://worker:{WRONG}/x@{endpoint}"),
            lambda: connect(f"etcds://worker:{WRONG}?x@{endpoint}"),
            lambda: connect(f"etcds://worker:{WRONG}#x@{endpoint}"),
            lambda: connect(f"etcds://worker:{WRONG}[x@{endpoint}"),
            lambda: tls(f"etcds://worker:{WRONG}@{endpoint}"),
        ]
        for number, call in enumerate(calls):
            with pytest.raises(CoordinationError) as caught:
                call()
            error = caught.value
            told = "".join(traceback.format_exception(error))
            # The lines of this file are part of the traceback; the values in them are not.
            for each in (told, f"{error} {error!r} {error.args!r} {vars(error)}"):
                assert not [it for it in (PASSWORD, WRONG, key, secret) if it in each], number
