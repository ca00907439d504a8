"""From somebody's client to a store: what is read from it, what is refused, and that it is left alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from coordination import connect
from coordination.clock import SystemClock
from coordination.store import Store
from coordination.stores.consul import bring
from coordination.stores.consul.opening import store_on
from coordination.stores.consul.settings import Settings
from coordination.target import store_at
from integration.servers.certificates import Certificates
from tests.showing import SECRET, refusal


def client(http: dict[str, Any] | None = None, **kept: Any) -> Any:
    """An object that looks like a client of both libraries; nobody has to have them."""
    theirs = type("Consul", (), {"__module__": "consul.std"})
    speaking = type("HTTPClient", (), {"__module__": "consul.std"})()
    there = {"host": "h", "port": 8500, "scheme": "http", "verify": True, "cert": None}
    vars(speaking).update({**there, **(http or {})})
    made = type("Ours", (theirs,), {"__module__": "shop"})()  # People derive from it, too.
    vars(made).update({"http": speaking, "token": None, "dc": None, "consistency": "stale", **kept})
    return made


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """With which settings each store is opened."""
    found: list[Settings] = []

    def keeping(settings: Settings) -> Any:
        found.append(settings)
        return store_on(settings)

    monkeypatch.setattr(bring, "store_on", keeping)
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A CA and a client's pair."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


def brought(target: object, **options: Any) -> Store:
    """The store on it, closed."""
    store = store_at(target, SystemClock(), options)
    store.close()
    return store


def test_the_store_is_at_the_agent_of_the_client(
    monkeypatch: pytest.MonkeyPatch, opened: list[Settings]
) -> None:
    """The client alone says where to go and as whom; Consul's environment is about something else."""
    for name, value in {"ADDR": "elsewhere:1", "TOKEN": "other", "SSL": "true"}.items():
        monkeypatch.setenv(f"CONSUL_HTTP_{name}", value)
    theirs = client(token=SECRET, dc="east")
    before = dict(vars(theirs)), dict(vars(theirs.http))
    store = brought(theirs, prefix="/a b/c@%2F/")
    assert opened == [Settings(("h:8500",), "a b/c@%2F", dc="east", token=opened[0].token)]
    assert opened[0].token == SECRET
    assert "s3cret" not in f"{store!r} {opened}"
    assert (dict(vars(theirs)), dict(vars(theirs.http))) == before
    brought(client({"host": "[::1]", "port": "85"}))
    assert opened[1] == Settings(("[::1]:85",))


def test_its_tls_is_ours(made: Certificates, opened: list[Settings], tmp_path: Path) -> None:
    """Its CA, or the public ones; its certificate as two files or as one."""
    both = tmp_path / "both.pem"
    both.write_bytes(made.client.cert.read_bytes() + made.client.key.read_bytes())
    pair = (str(made.client.cert), str(made.client.key))
    brought(client({"scheme": "https", "verify": str(made.ca), "cert": pair}))
    brought(client({"scheme": "https", "verify": made.ca, "cert": str(both)}))
    brought(client({"scheme": "https"}))
    brought(client({"verify": False, "cert": pair}))
    assert [(settings.secure, settings.cacert, settings.cert, settings.key) for settings in opened] == [
        (True, str(made.ca), *pair),
        (True, str(made.ca), str(both), str(both)),
        (True, None, None, None),
        (False, None, None, None),
    ]


def test_options_go_before_what_the_client_keeps(
    made: Certificates, opened: list[Settings], tmp_path: Path
) -> None:
    """Each of them, and a pair as a pair."""
    (tmp_path / "token").write_text("ours")
    theirs = client({"scheme": "https", "verify": False, "cert": "nowhere.pem"}, token="theirs", dc="theirs")
    brought(theirs, cacert=made.ca, cert=made.client.cert, key=made.client.key, token="ours", dc="ours")
    brought(theirs, cacert=made.ca, cert=made.client.cert, key=made.client.key, token_file=tmp_path / "token")
    for settings in opened:
        assert (settings.cacert, settings.cert) == (str(made.ca), str(made.client.cert))
        assert settings.token == "ours"
    assert [settings.dc for settings in opened] == ["ours", "theirs"]


@pytest.mark.parametrize(
    ("target", "options", "says"),
    [
        (client(), {"colour": "red"}, "unknown option 'colour' for a consul client"),
        (client(), {"prefix": 3}, "prefix must be a str"),
        (client(), {"prefix": "a/../b"}, "empty, . or .."),
        (client(), {"prefix": "\ud800"}, "lone surrogate"),
        (client(), {"cacert": "ca.pem"}, "cacert is for TLS"),
        (client({"scheme": "https", "verify": False}), {}, r"verify=False.*connect\(\) cacert"),
        (client({"scheme": "https", "verify": "nowhere.pem"}), {}, "cacert: cannot read nowhere.pem"),
        (client({"scheme": "https", "cert": ("nowhere.pem", "k")}), {}, "cert: cannot read nowhere.pem"),
        (client({"scheme": "https"}), {"cert": "c"}, "takes both: cert and key"),
        (client({"scheme": "unix"}), {}, "Ours is no client that connect"),
        (client({"host": "s3cret:w0rd@h"}), {}, "token_file"),
        (client({"port": None}), {}, "host:port"),
        (client(token="s3cret w0rd"), {}, "token is no token"),
        (type("Consul", (), {"__module__": "consul"})(), {}, "Consul is no client that connect"),
        (object(), {}, "python-consul or py-consul"),
    ],
)
def test_what_can_never_work_is_refused(target: object, options: dict[str, Any], says: str) -> None:
    """At once, with a sentence that says what to do."""
    assert re.search(says, refusal(lambda: connect(target, **options)))  # type: ignore[arg-type]  # no types
