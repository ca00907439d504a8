"""ACL tokens, keys and the secrets of leases show nowhere, whatever goes right or wrong."""

from __future__ import annotations

import base64
import http.client
import logging
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coordination import CoordinationError, Manager, connect
from coordination.stores.consul.opening import open_store
from integration.consul.realms import Realm, policy, realm
from integration.faults.secrecy import Events, lived, said, shown
from integration.servers.certificates import Certificates
from integration.servers.hostile import Hostile, garbage, refusing

pytestmark = pytest.mark.xdist_group("consul-security")

WRONG = "5ec7e75e-dead-4000-8000-0123456789ab"
"""A token that nobody knows."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    with realm(tmp_path_factory.mktemp("secrets")) as made:
        yield made


@pytest.fixture(scope="module")
def token(here: Realm) -> str:
    return here.acl.token(policy())


def test_logs_at_debug(
    here: Realm, token: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every logger of the process, urllib3's too, every field of what it logs; and what a logger is given."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    events = Events()
    secrets = [token, WRONG]
    given: list[dict[str, Any]] = [{}, {"logger": events}]
    for options in given:
        with here.connect(token, **options) as manager:
            secrets += lived(manager)
        with here.connect(WRONG, **options) as manager, pytest.raises(CoordinationError):
            manager.wait_lease("name").keep_alive()
    logged = "".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    for told in (logged, str(events.seen)):
        assert "lease-acquired" in told
        assert "lease-lost" in told
        assert not [secret for secret in secrets if secret in told]
    printed = capfd.readouterr()
    assert not [secret for secret in secrets if secret in printed.out + printed.err]
    assert http.client.HTTPConnection.debuglevel == 0


def test_what_objects_show(here: Realm, token: str) -> None:
    """repr, str and vars of everything that a manager consists of; none of it can be pickled away."""
    with here.connect(token) as manager:
        secrets = [token, *lived(manager)]
        lease = manager.wait_lease("name", period=10, timeout=10).keep_alive()
        secrets.append(str(lease.secret))
        for thing in (manager, lease, lease.grant):
            assert not [secret for secret in secrets if secret in f"{thing} {thing!r}"]
        parts = shown(manager)
        assert len(parts) > 20
        assert any("X-Consul-Token" in each for each in parts), "it does get as far as what is secret"
        for each in parts:
            assert not [secret for secret in secrets if secret in each]
        store = open_store(f"consul://{here.endpoint}", token=token)
        for kept in (manager, lease, store):
            with pytest.raises((TypeError, AttributeError, pickle.PicklingError)) as caught:
                pickle.dumps(kept)
            assert not [secret for secret in secrets if secret in repr(caught.value)]
        store.close()
        lease.release()


def _tried(manager: Manager, call: Callable[[Manager], object]) -> object:
    with manager:
        return call(manager)


def test_what_errors_show(here: Realm, token: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Messages, arguments, and tracebacks with all that an error is chained to."""
    made = Certificates(tmp_path_factory.mktemp("certificates"))
    key = made.client.key.read_text().splitlines()[1]
    secret = "ab" * 32
    endpoint = here.endpoint

    def acquired(manager: Manager) -> object:
        return _tried(manager, lambda it: it.acquire_lease("name"))

    def tls(url: str) -> object:
        options: dict[str, Any] = {"cacert": made.ca, "cert": made.client.cert, "key": made.client.key}
        return acquired(connect(url, timeout=0.5, token=WRONG, **options))

    with refusing() as nobody, Hostile(garbage) as liar:
        calls: list[Callable[[], object]] = [
            lambda: acquired(here.connect(WRONG)),
            lambda: _tried(here.connect(WRONG), lambda it: it.list_leases()),
            lambda: _tried(here.connect(WRONG), lambda it: next(iter(it.watch("name")))),
            lambda: _tried(here.connect(WRONG), lambda it: it.health()),
            lambda: acquired(here.connect(token, prefix="yours")),
            lambda: acquired(here.connect(WRONG, nobody, timeout=0.5)),
            lambda: acquired(here.connect(WRONG, liar.endpoint, timeout=0.5)),
            lambda: _tried(here.connect(token), lambda it: it.resume("nothing", secret)),
            lambda: acquired(here.connect(f"{WRONG}\r\nX-Evil: 1")),
            lambda: acquired(here.connect(f"{WRONG}é")),
            lambda: acquired(connect(f"consul://{WRONG}@{endpoint}")),
            lambda: acquired(connect(f"consul://me:{WRONG}@{endpoint}/x")),
            lambda: acquired(connect(f"consul://{endpoint}/x?token={WRONG}")),
            lambda: acquired(connect(f"consul://me:{WRONG}#x@{endpoint}")),
            lambda: acquired(connect(f"consul://me:{WRONG}[x@{endpoint}")),
            lambda: tls(f"consuls://{endpoint}"),
            lambda: tls(f"consuls://{nobody}"),
        ]
        for number, call in enumerate(calls):
            with pytest.raises(CoordinationError) as caught:
                call()
            assert not [it for it in (token, WRONG, key, secret) if it in said(caught.value)], number


def test_no_secret_of_a_lease_is_stored(here: Realm, token: str) -> None:
    """Who may read the keys learns what cannot be used: a hash."""
    with here.connect(token) as manager:
        lease = manager.wait_lease("stored", period=10, timeout=10)
        stored = here.cluster.ask("GET", "/v1/kv/mine/?recurse")
        sessions = here.cluster.ask("GET", "/v1/session/list")
        values = b"".join(base64.b64decode(each["Value"] or "") for each in stored)
        assert b'"MachineID"' in values
        for text in (values.decode(), str(stored), str(sessions)):
            assert str(lease.secret) not in text
            assert token not in text
        lease.release()
