"""Where the members are: endpoints as a URL or etcdctl's environment names them.

A password with an unescaped character in it makes a URL fall apart at the wrong place, so whatever
does not look like a host is not shown in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from coordination.errors import ConfigurationError

PORT = 2379


def endpoints_of(hosts: str) -> tuple[str, ...]:
    """`host:port,host:port` of a URL, each with its port."""
    return tuple(_endpoint(host) for host in hosts.split(","))


def endpoints_of_environment(secure: bool, environment: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    """`ETCDCTL_ENDPOINTS` names a scheme or none, for all alike; without it, etcd's own default."""
    found, schemes = [], set()
    for text in (environment.get("ETCDCTL_ENDPOINTS") or f"127.0.0.1:{PORT}").split(","):
        scheme, separator, rest = text.strip().rpartition("://")
        if separator and scheme not in ("http", "https"):
            raise ConfigurationError("ETCDCTL_ENDPOINTS: an endpoint's scheme is http:// or https://")
        if "@" in rest:
            raise ConfigurationError("ETCDCTL_ENDPOINTS holds an @: a user goes into ETCDCTL_USER")
        schemes.add(scheme)
        found.append(_endpoint(rest.rstrip("/")))
    if "https" in schemes and schemes - {"https"}:
        raise ConfigurationError("ETCDCTL_ENDPOINTS mixes https:// with others: write it before each or none")
    if secure and "http" in schemes:
        raise ConfigurationError("ETCDCTL_ENDPOINTS says http:// and the URL etcds://: one of them is wrong")
    return tuple(found), secure or "https" in schemes


def _endpoint(text: str) -> str:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _wrong(text) from None
    strange = not host or port == 0 or parts.path or parts.query or "@" in text
    if strange or any(letter.isspace() for letter in text):
        raise _wrong(text)
    return f"[{host}]:{port or PORT}" if ":" in str(host) else f"{host}:{port or PORT}"


def _wrong(text: str) -> ConfigurationError:
    shown = text.partition(":")[0]
    return ConfigurationError(
        f"the endpoint that begins with {shown!r} makes no sense: endpoints are written "
        "host:port,host:port with ports from 1 to 65535, an IPv6 address [::1]:2379, and in a user "
        "or password /, ?, #, [ and @ percent-encoded"
    )
