"""Where the agents are and who we are, from URLs, options and Consul's environment."""

from __future__ import annotations

import pickle
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.errors import ConfigurationError
from coordination.stores.consul.settings import settings_of
from tests.consul.settled import refused, settings


@pytest.mark.parametrize(
    ("url", "agents", "prefix"),
    [
        ("consul://", ("127.0.0.1:8500",), "coordination"),
        ("consul://one", ("one:8500",), "coordination"),
        ("consul://one/", ("one:8500",), "coordination"),
        ("consul://one:1,two:22,three:333", ("one:1", "two:22", "three:333"), "coordination"),
        ("consul://[::1]:5", ("[::1]:5",), "coordination"),
        ("consul://[::1],[fe80::1]:7/x", ("[::1]:8500", "[fe80::1]:7"), "x"),
        ("consul://one/a/b/", ("one:8500",), "a/b"),
        ("consul://one/a%2Fb%20%C3%BC", ("one:8500",), "a/b ü"),
        ("consul://one/%40%3A%2C...%2F%252E", ("one:8500",), "@:,.../%2E"),
        ("consul:///prefix", ("127.0.0.1:8500",), "prefix"),
    ],
)
def test_urls(url: str, agents: tuple[str, ...], prefix: str) -> None:
    """Several agents, IPv6, the default port, and a prefix, which is there in any case."""
    made = settings(url)
    assert (made.agents, made.prefix, made.secure, made.dc) == (agents, prefix, False, None)
    assert settings(url.replace("consul:", "consuls:")).secure


def test_what_it_is_called() -> None:
    """As a URL, with what tells two stores apart."""
    assert str(settings("consul://one,two/x")) == "consul://one:8500,two:8500/x"
    assert str(settings("consuls://one?dc=east")) == "consuls://one:8500/coordination?dc=east"


@pytest.mark.parametrize(
    "hosts", ["one:x", "one:0", "one:99999", "one,", ",", "one two", "::1", "one:1:2", ":8500"]
)
def test_no_agent(hosts: str) -> None:
    """The remedy is how agents are written."""
    why = refused(f"consul://{hosts}")
    assert "agents are written host:port,host:port" in why
    assert "[::1]:8500" in why


@pytest.mark.parametrize("url", ["consul://one:1,consul://two:2", "consul://one//a", "consul://one/a,b:3"])
def test_several_schemes(url: str) -> None:
    """One scheme is for all; what comes behind it is not taken for a prefix."""
    why = refused(url)
    assert "consul://host:port,host:port/prefix" in why
    assert "CONSUL_HTTP_ADDR" in why


@pytest.mark.parametrize(
    ("prefix", "says"),
    [
        ("a%00b", "control character"),
        ("a%0Ab", "control character"),
        ("a%7F", "control character"),
        ("a%C2%85b", "control character"),
        ("%ff", "not UTF-8"),
        ("\ud800", "not UTF-8"),
        ("a//b", "empty, . or .."),
        ("a/./b", "empty, . or .."),
        ("..", "empty, . or .."),
        ("a/%2E%2e/b", "empty, . or .."),
        ("a%2F%2Fb", "empty, . or .."),
        ("../../agent/maintenance", "empty, . or .."),
    ],
)
def test_no_prefix(prefix: str, says: str) -> None:
    """What cannot be part of a key, or would be redirected, is refused at once."""
    why = refused(f"consul://one/{prefix}")
    assert says in why
    assert "the prefix in" in why


SHOWN = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="/").filter(str.isprintable)


@given(st.text(SHOWN, min_size=3))
def test_encoded_prefixes(segment: str) -> None:
    """Percent-encoded, whatever can be seen gets through."""
    assert settings(f"consul://one/{quote(f'shop/{segment}.', safe='')}").prefix == f"shop/{segment}."


def test_datacenter_and_namespace() -> None:
    """From the URL or an option; the namespace from the environment, too."""
    for made in (settings("consul://one?dc=east-1"), settings("consul://one", dc="east-1")):
        assert made.dc == "east-1"
    assert settings("consul://one?consul_namespace=shop").namespace == "shop"
    assert settings("consul://one", {"CONSUL_NAMESPACE": "shop"}).namespace == "shop"
    assert settings("consul://one", {"CONSUL_NAMESPACE": "x"}, consul_namespace="shop").namespace == "shop"
    assert settings("consul://one", {"CONSUL_NAMESPACE": ""}).namespace is None


@pytest.mark.parametrize("name", ["east&stale", "a b", "ü", "a/b", "a\n"])
def test_no_datacenter(name: str) -> None:
    """What Consul does not allow in such a name would be something else in a query."""
    assert "dc may hold letters" in refused("consul://one", dc=name)
    assert "dc may hold letters" in refused(f"consul://one?dc={quote(name)}")
    assert "consul_namespace may hold" in refused("consul://one", consul_namespace=name)
    assert "CONSUL_NAMESPACE may hold" in refused("consul://one", {"CONSUL_NAMESPACE": name})


@pytest.mark.parametrize(
    ("given_delay", "seconds"), [(0, 0.0), (1.5, 1.5), (60, 60.0), ("2.5", 2.5), (timedelta(seconds=3), 3.0)]
)
def test_lock_delay(given_delay: object, seconds: float) -> None:
    """Seconds, also from a URL; none unless asked for."""
    assert settings("consul://one", lock_delay=given_delay).lock_delay == seconds
    assert settings("consul://one").lock_delay == 0.0
    assert settings("consul://one?lock_delay=4").lock_delay == 4.0


@pytest.mark.parametrize("delay", [-1, 60.5, True, None, float("nan"), "soon", "nan", "-1", "", [1]])
def test_no_lock_delay(delay: object) -> None:
    """What Consul would not take, or is no duration."""
    assert "lock_delay must" in refused("consul://one", lock_delay=delay)


def test_nothing_of_it_can_be_carried_off(tmp_path: Path) -> None:
    """Settings do not show their token and cannot be pickled."""
    made = settings("consul://one", token="s3cret-w0rd")
    assert made.token == "s3cret-w0rd"
    assert "s3cret" not in f"{made} {made!r}"
    with pytest.raises(TypeError, match="not pickled") as caught:
        pickle.dumps(made)
    assert "s3cret" not in repr(caught.value)


def test_unknown_options_are_left() -> None:
    """Whoever asked refuses them."""
    options = {"dc": "east", "colour": "red"}
    settings_of(urlsplit("consul://one"), options, environment={})
    assert options == {"colour": "red"}


def test_a_missing_option_is_no_error() -> None:
    """None means that nobody gave it."""
    made = settings("consul://one", dc=None, token=None, token_file=None, cacert=None, consul_namespace=None)
    assert (made.dc, made.token, made.cacert, made.namespace) == (None, None, None, None)
    with pytest.raises(ConfigurationError, match="dc must be a non-empty str"):
        settings("consul://one", dc="")
