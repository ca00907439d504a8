"""Where the cluster is and who we are, from URLs, options and etcdctl's environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.stores.etcd.settings import Settings, settings_of
from tests.showing import SECRET, refusal


def settings(url: str, environment: Mapping[str, str] | None = None, **options: Any) -> Settings:
    plaintext = options.pop("plaintext_password", False)
    made = settings_of(urlsplit(url), options, plaintext_password=plaintext, environment=environment or {})
    assert not options, "every option that it knows is taken"
    return made


def refused(url: str, environment: Mapping[str, str] | None = None, **options: Any) -> str:
    """Why; the error shows no secret, nor does what it may be chained to."""
    return refusal(lambda: settings(url, environment, **options))


@pytest.mark.parametrize(
    ("url", "endpoints", "prefix"),
    [
        ("etcd://", ("127.0.0.1:2379",), ""),
        ("etcd://one", ("one:2379",), ""),
        ("etcd://one:1,two:22,three:333", ("one:1", "two:22", "three:333"), ""),
        ("etcd://[::1]:5", ("[::1]:5",), ""),
        ("etcd://[::1],[fe80::1]:7/x", ("[::1]:2379", "[fe80::1]:7"), "x"),
        ("etcd://one/a/b", ("one:2379",), "a/b"),
        ("etcd://one/a//b//", ("one:2379",), "a//b"),
        ("etcd://one/a%2Fb%20%C3%BC", ("one:2379",), "a/b ü"),
        ("etcd:///prefix", ("127.0.0.1:2379",), "prefix"),
    ],
)
def test_urls(url: str, endpoints: tuple[str, ...], prefix: str) -> None:
    """Several endpoints, IPv6, the default port, and a prefix."""
    made = settings(url)
    assert (made.endpoints, made.prefix, made.secure) == (endpoints, prefix, False)
    assert settings(url.replace("etcd:", "etcds:")).secure


@pytest.mark.parametrize(
    "hosts", ["one:x", "one:0", "one:99999", "one,", ",", "one two", "::1", "[::1", "one:1:2", ":2379"]
)
def test_no_endpoint(hosts: str) -> None:
    """The remedy is how endpoints are written."""
    try:
        urlsplit(f"etcd://{hosts}")
    except ValueError:
        return  # connect() says that it is no URL.
    assert "host:port,host:port" in refused(f"etcd://{hosts}")


@pytest.mark.parametrize("url", ["etcd://one/a%00b", "etcd://one/%ff", "etcd://one/\ud800"])
def test_no_prefix(url: str) -> None:
    """What cannot be part of a key is refused at once."""
    assert "prefix" in refused(url)


USERS = [
    ("etcd://me:s3cret-w0rd@one", {}, {}),
    ("etcd://me@one", {"password": SECRET}, {}),
    ("etcd://one", {"user": "me", "password": SECRET}, {}),
    ("etcd://one", {"user": f"me:{SECRET}"}, {}),
    ("etcd://one", {}, {"ETCDCTL_USER": f"me:{SECRET}"}),
    ("etcd://one", {}, {"ETCDCTL_USER": "me", "ETCDCTL_PASSWORD": SECRET}),
    ("etcd://me@one", {}, {"ETCDCTL_PASSWORD": SECRET}),
    ("etcd://me@one", {}, {"ETCDCTL_USER": f"me:{SECRET}"}),
    ("etcd://one", {"password": SECRET}, {"ETCDCTL_USER": "me:another"}),
    ("etcd://me:s3cret-w0rd@one", {}, {"ETCDCTL_USER": "other:another", "ETCDCTL_PASSWORD": "another"}),
    ("etcd://one", {"user": f"me:{SECRET}"}, {"ETCDCTL_USER": "other:another"}),
]


@pytest.mark.parametrize(("url", "options", "environment"), USERS)
def test_users(url: str, options: dict[str, str], environment: dict[str, str]) -> None:
    """The URL goes first, then the options, then the environment; each fills what is left out."""
    made = settings(url, environment, **options, plaintext_password=True)
    assert (made.user, made.password, made.endpoints) == ("me", SECRET, ("one:2379",))
    again = settings(url.replace("etcd:", "etcds:"), environment, **options)
    assert (again.user, again.password) == ("me", SECRET)
    assert SECRET not in f"{made} {made!r} {again} {again!r}"


@pytest.mark.parametrize(("url", "options", "environment"), USERS)
def test_a_password_over_plaintext(url: str, options: dict[str, str], environment: dict[str, str]) -> None:
    """Refused unless asked for, wherever it comes from."""
    why = refused(url, environment, **options)
    assert "etcds://" in why
    assert "plaintext_password=True" in why


@pytest.mark.parametrize(
    ("url", "options", "environment", "remedy"),
    [
        ("etcds://me@one", {}, {}, "give password"),
        ("etcds://me:@one", {}, {}, "give password"),
        ("etcds://one", {"user": "me"}, {}, "user='name:password'"),
        ("etcds://one", {}, {"ETCDCTL_USER": "me"}, "give password"),
        ("etcds://one", {"user": f"me:{SECRET}", "password": SECRET}, {}, "give it once"),
        ("etcds://me@one", {}, {"ETCDCTL_USER": f"other:{SECRET}"}, "give password"),
        ("etcds://one", {"password": SECRET}, {}, "takes a user"),
        ("etcds://one", {}, {"ETCDCTL_PASSWORD": SECRET}, "takes a user"),
        ("etcds://:s3cret-w0rd@one", {}, {}, "takes a user"),
        ("etcds://me:s3cret-w0rd@one", {"user": "me"}, {}, "give it once"),
        ("etcds://me:s3cret-w0rd@one", {"password": SECRET}, {}, "give it once"),
        ("etcds://one", {"user": f"me:{SECRET}\ud800"}, {}, "surrogate"),
        ("etcds://one", {"user": "me", "password": 5}, {}, "password must be"),
        ("etcds://one", {"user": "me", "password": ""}, {}, "password must be"),
        ("etcds://me:s3cret%ffw0rd@one", {}, {}, "the password in the URL is not UTF-8"),
    ],
)
def test_no_user(url: str, options: dict[str, Any], environment: dict[str, str], remedy: str) -> None:
    """Half an account, two of them, or none that can be sent."""
    assert remedy in refused(url, environment, **options)


@pytest.mark.parametrize("mark", ["/", "?", "[", "#", "@", ":"])
def test_a_password_that_is_not_encoded(mark: str) -> None:
    """The URL falls apart at the wrong place, and what is said of it shows no part of the password."""
    url = f"etcds://me:s3cret{mark}w0rd@one:2379"
    if mark in "@:":
        made = settings(url)
        assert (made.password, made.endpoints) == (f"s3cret{mark}w0rd", ("one:2379",))
    elif mark == "[":
        with pytest.raises(ValueError, match="Invalid IPv6 URL"):  # connect() says so, without the URL
            urlsplit(url)
    else:
        assert "percent-encoded" in refused(url)


def test_a_password_that_looks_like_a_port() -> None:
    """The URL falls apart at a place that would even make sense."""
    url = "etcds://me:12?s3cret-w0rd@one:2379"
    options: dict[str, Any] = {urlsplit(url).query: ""}
    assert "percent-encoded" in refused(url, **options)


@given(st.text(min_size=1).filter(lambda text: text.isprintable()), st.text(min_size=1))
def test_encoded_users_and_passwords(user: str, password: str) -> None:
    """Percent-encoded, whatever there is gets through."""
    made = settings(f"etcds://{quote(user, safe='')}:{quote(password, safe='')}@one:1")
    assert (made.user, made.password, made.endpoints) == (user, password, ("one:1",))


@pytest.mark.parametrize(
    ("url", "named", "endpoints", "secure"),
    [
        ("etcd://", "one,two:5", ("one:2379", "two:5"), False),
        ("etcd://", "http://one:1, http://two:2/", ("one:1", "two:2"), False),
        ("etcd://", "https://one:1,https://two:2", ("one:1", "two:2"), True),
        ("etcds://", "one", ("one:2379",), True),
        ("etcds:///prefix", "https://[::1]:4", ("[::1]:4",), True),
        ("etcd://three", "https://one", ("three:2379",), False),
        ("etcd://", "", ("127.0.0.1:2379",), False),
    ],
)
def test_endpoints_of_the_environment(url: str, named: str, endpoints: tuple[str, ...], secure: bool) -> None:
    """They count where the URL names none; https means TLS."""
    made = settings(url, {"ETCDCTL_ENDPOINTS": named})
    assert (made.endpoints, made.secure) == (endpoints, secure)


@pytest.mark.parametrize(
    ("url", "named", "remedy"),
    [
        ("etcd://", "http://one,https://two", "mixes"),
        ("etcd://", "one,https://two", "mixes"),
        ("etcds://", "http://one", "one of them is wrong"),
        ("etcd://", "ftp://me:s3cret-w0rd@one", "http:// or https://"),
        ("etcd://", "http://me:s3cret-w0rd@one", "ETCDCTL_USER"),
        ("etcd://", "http://one:s3cret", "host:port,host:port"),
    ],
)
def test_no_endpoints_in_the_environment(url: str, named: str, remedy: str) -> None:
    """What contradicts itself or the URL is refused."""
    assert remedy in refused(url, {"ETCDCTL_ENDPOINTS": named})
