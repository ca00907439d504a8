"""From somebody's client to a store: what is read from it, what is refused, and that it is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordination import AuthFailed, ConfigurationError, connect
from coordination.clock import SystemClock
from coordination.store import Store
from coordination.target import store_at
from tests.etcd.scripted import Channel, Code, Failed, Member


class RecordingChannel(Channel):
    """Keeps the metadata of each call."""

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        self.sent: list[dict[str, str]] = []

    def unary_unary(self, path: str, **serializers: Any) -> Callable[..., Any]:
        ask = super().unary_unary(path, **serializers)

        def call(request: Any, timeout: float, metadata: Any) -> Any:
            self.sent.append(dict(metadata))
            return ask(request, timeout=timeout, metadata=metadata)

        return call


def client(library: str, **kept: Any) -> Any:
    """An object that looks like a client of `library`; nobody has to have it."""
    theirs = type("Etcd3Client", (), {"__module__": f"{library}.client"})
    made = type("Ours", (theirs,), {"__module__": "shop"})()  # People derive from it, too.
    vars(made).update({"metadata": None, **kept})
    return made


def etcd3(channel: object = "a channel", **kept: Any) -> Any:
    """As etcd3 0.12 makes it."""
    return client("etcd3", **{"_url": "h:2379", "uses_secure_channel": False, "channel": channel, **kept})


def pyetcd(*endpoints: tuple[str, bool]) -> Any:
    """As etcd-sdk-python makes it. Asking for its channel would mark endpoints as used."""
    kind = type("Endpoint", (), {})
    made = {}
    for netloc, secure in endpoints:
        made[netloc] = kind()
        vars(made[netloc]).update(netloc=netloc, secure=secure, credentials="theirs" if secure else None)
    return client("pyetcd", endpoints=made)


def opened(target: object, **options: Any) -> Store:
    """The store on it."""
    return store_at(target, SystemClock(), options)


@pytest.fixture
def channel() -> RecordingChannel:
    """To a member that says yes to everything."""
    return RecordingChannel(Member())


def test_the_store_is_at_the_servers_of_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client alone says where to go and as whom; etcdctl's environment is about something else."""
    monkeypatch.setenv("ETCDCTL_ENDPOINTS", "elsewhere:1")
    monkeypatch.setenv("ETCDCTL_USER", "root:secret")
    assert repr(opened(etcd3(), prefix="/a b/c%2F/")) == "<EtcdStore etcd://h:2379/a b/c%2F>"
    both = pyetcd(("h:2379", True), ("i:2379", True))
    assert repr(opened(both)) == "<EtcdStore etcds://h:2379,i:2379>"


@pytest.mark.parametrize(
    ("target", "options", "says"),
    [
        (etcd3(), {"colour": "red"}, "unknown option 'colour' for an etcd client"),
        (etcd3(), {"prefix": 3}, "prefix must be a str"),
        (etcd3(), {"prefix": "a\0"}, "NUL"),
        (etcd3(), {"password": "p"}, "a password takes a user"),
        (etcd3(), {"user": "u"}, "'u' takes a password"),
        (etcd3(), {"user": "u", "password": "p"}, "plaintext_password=True"),
        (etcd3(), {"cacert": "ca.pem"}, "cacert is for TLS"),
        (etcd3(uses_secure_channel=True), {"cert": "c"}, "takes both: cert and key"),
        (pyetcd(("h:1", True), ("h:2", False)), {}, "endpoints with TLS and endpoints without"),
        (client("etcd3"), {}, "Ours is no client that connect"),
        (object(), {}, "a client of etcd3, etcd-sdk-python"),
    ],
)
def test_what_can_never_work_is_refused(target: object, options: dict[str, Any], says: str) -> None:
    """At once, with a sentence that says what to do."""
    with pytest.raises(ConfigurationError, match=says) as caught:
        connect(target, **options)  # type: ignore[arg-type]  # clients have no types
    assert "'p'" not in str(caught.value)


def test_a_channel_with_tls_is_borrowed(channel: RecordingChannel) -> None:
    """etcd3 keeps no certificates: its channel is used, with its token, remarked upon, and never closed."""
    theirs = etcd3(channel, uses_secure_channel=True, metadata=(("token", "theirs"),))
    before = dict(vars(theirs))
    store = opened(theirs)
    assert store.read("n/data/x", timeout=1) is None
    assert channel.sent[-1] == {"hasleader": "true", "token": "theirs"}
    [remark] = store.health(timeout=1)
    assert "the client keeps no certificates" in remark
    assert "give connect() cacert" in remark
    store.close()
    assert channel.open
    assert vars(theirs) == before


def test_a_token_that_is_not_accepted_any_more(channel: RecordingChannel) -> None:
    """Without a password there is no other: the error says what to give."""
    channel.member.script = lambda _name, _request: Failed(
        Code.UNAUTHENTICATED, "etcdserver: invalid auth token"
    )
    store = opened(etcd3(channel, uses_secure_channel=True, metadata=(("token", "theirs"),)))
    with pytest.raises(AuthFailed, match=r"give connect\(\) user and password") as caught:
        store.read("n/data/x", timeout=1)
    assert "theirs" not in str(caught.value)
    store.close()


def test_user_and_password_take_the_place_of_the_token(channel: RecordingChannel) -> None:
    """Given to connect(), they are exchanged for a token of our own; the client's is not sent at all."""
    theirs = etcd3(channel, uses_secure_channel=True, metadata=(("token", "theirs"),))
    store = opened(theirs, user="u", password="p")
    assert store.read("n/data/x", timeout=1) is None
    assert "Authenticate" in channel.member.calls
    assert channel.sent[-1] == {"hasleader": "true", "token": "token"}
    assert not [sent for sent in channel.sent if sent.get("token") == "theirs"]
    store.close()
