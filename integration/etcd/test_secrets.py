"""Passwords, tokens, keys and the secrets of leases show nowhere, whatever goes right or wrong."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coordination import CoordinationError, Manager, connect
from integration.etcd.realms import PASSWORD, Realm, realm
from integration.faults.secrecy import Events, lived, said, shown
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
    secrets = lived(manager)
    return [*secrets, next(str(value) for key, value in proxy.metadata["Txn"] if key == "token")]


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
        parts = shown(manager)
        assert len(parts) > 20
        assert any("_password" in each for each in parts), "it does get as far as what is secret"
        for each in parts:
            assert not [secret for secret in secrets if secret in each]
        for thing in (manager, lease):
            with pytest.raises((TypeError, AttributeError, pickle.PicklingError)) as caught:
                pickle.dumps(thing)
            assert not [secret for secret in secrets if secret in repr(caught.value)]
        lease.release()


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
            assert not [it for it in (PASSWORD, WRONG, key, secret) if it in said(caught.value)], number
