"""Agents that Consul's environment names."""

from __future__ import annotations

import pytest

from tests.consul.settled import refused, settings


@pytest.mark.parametrize(
    ("url", "environment", "agents", "secure"),
    [
        ("consul://", {"CONSUL_HTTP_ADDR": "one:5"}, ("one:5",), False),
        ("consul://", {"CONSUL_HTTP_ADDR": "one"}, ("one:8500",), False),
        ("consul://", {"CONSUL_HTTP_ADDR": ""}, ("127.0.0.1:8500",), False),
        ("consul://", {"CONSUL_HTTP_ADDR": "http://one:1/"}, ("one:1",), False),
        ("consul://", {"CONSUL_HTTP_ADDR": "http://one"}, ("one:80",), False),
        ("consul://", {"CONSUL_HTTP_ADDR": "https://one"}, ("one:443",), True),
        ("consul://", {"CONSUL_HTTP_ADDR": "https://[::1]:4"}, ("[::1]:4",), True),
        ("consuls:///prefix", {"CONSUL_HTTP_ADDR": "one:5"}, ("one:5",), True),
        ("consul://", {"CONSUL_HTTP_ADDR": "one:5", "CONSUL_HTTP_SSL": "true"}, ("one:5",), True),
        ("consul://", {"CONSUL_HTTP_ADDR": "one:5", "CONSUL_HTTP_SSL": "0"}, ("one:5",), False),
        ("consul://", {"CONSUL_HTTP_ADDR": "http://one:5", "CONSUL_HTTP_SSL": "1"}, ("one:5",), True),
        ("consul://", {"CONSUL_HTTP_SSL": "true"}, ("127.0.0.1:8500",), True),
        (
            "consul://two",
            {"CONSUL_HTTP_ADDR": "https://one", "CONSUL_HTTP_SSL": "true"},
            ("two:8500",),
            False,
        ),
    ],
)
def test_agents_of_the_environment(
    url: str, environment: dict[str, str], agents: tuple[str, ...], secure: bool
) -> None:
    """They count where the URL names none, and mean what they mean to the consul command."""
    made = settings(url, environment)
    assert (made.agents, made.secure) == (agents, secure)


@pytest.mark.parametrize(
    ("url", "environment", "remedy"),
    [
        ("consul://", {"CONSUL_HTTP_ADDR": "unix:///run/consul.sock"}, "a unix socket"),
        ("consul://", {"CONSUL_HTTP_ADDR": "ftp://one"}, "http:// or https://"),
        ("consul://", {"CONSUL_HTTP_ADDR": "http://s3cret-w0rd@one"}, "CONSUL_HTTP_TOKEN"),
        ("consul://", {"CONSUL_HTTP_ADDR": "http://one:1/behind/a/proxy"}, "host:port,host:port"),
        ("consul://", {"CONSUL_HTTP_ADDR": "http://one:s3cret"}, "host:port,host:port"),
        ("consul://", {"CONSUL_HTTP_SSL": "yes"}, "CONSUL_HTTP_SSL must be true or false"),
        ("consuls://", {"CONSUL_HTTP_ADDR": "http://one"}, "one of them is wrong"),
    ],
)
def test_no_agents_in_the_environment(url: str, environment: dict[str, str], remedy: str) -> None:
    """What cannot be used, contradicts itself or the URL is refused."""
    assert remedy in refused(url, environment)
