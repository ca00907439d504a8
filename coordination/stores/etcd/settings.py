"""Where the cluster is and how to be let in: from a URL, `connect()` options and etcdctl's environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from coordination.errors import ConfigurationError

PORT = 2379

Options = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a connection needs; secrets do not show in its repr. Certificates are PEM texts."""

    endpoints: tuple[str, ...]
    prefix: str = ""
    secure: bool = False
    cacert: bytes | None = field(default=None, repr=False)
    cert: bytes | None = field(default=None, repr=False)
    key: bytes | None = field(default=None, repr=False)
    key_file: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        scheme = "etcds" if self.secure else "etcd"
        return f"{scheme}://{','.join(self.endpoints)}/{self.prefix}".rstrip("/")


def settings_of(url: SplitResult, options: Options, *, plaintext_password: bool = False) -> Settings:
    """Settings from a URL, what the URL leaves out from `options`, the rest from `ETCDCTL_*`.

    Takes what it knows out of `options`. `ConfigurationError` for anything that can never work; the
    certificates are read here, no server is contacted.
    """
    account, _, hosts = url.netloc.rpartition("@")
    secure = url.scheme == "etcds"
    if hosts:
        endpoints = tuple(_endpoint(host) for host in hosts.split(","))
    else:
        endpoints, secure = _endpoints_of_environment(secure)
    given = {name: _text(options, name) for name in ("cacert", "cert", "key")}
    user, password = _account(account, options)
    if not secure:
        _demand_no_tls(given)
        if password is not None and not plaintext_password:
            raise ConfigurationError(
                "a password over plaintext can be read by others: use etcds://, or say "
                "plaintext_password=True"
            )
        return Settings(endpoints, _prefix(url.path), user=user, password=password)
    files = {name: given[name] or os.environ.get(f"ETCDCTL_{name.upper()}") or None for name in given}
    if (files["cert"] is None) != (files["key"] is None):
        raise ConfigurationError("a client certificate takes both: cert and key")
    pem = {name: _read(name, path) for name, path in files.items()}
    return Settings(
        endpoints,
        _prefix(url.path),
        True,
        pem["cacert"],
        pem["cert"],
        pem["key"],
        files["key"],
        user,
        password,
    )


def _endpoint(text: str) -> str:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is not a host and port: {error}") from error
    if not host or parts.path or parts.query:
        raise ConfigurationError(f"etcd's endpoints are written host:port,host:port, not {text!r}")
    return f"[{host}]:{port or PORT}" if ":" in host else f"{host}:{port or PORT}"


def _endpoints_of_environment(secure: bool) -> tuple[tuple[str, ...], bool]:
    """`ETCDCTL_ENDPOINTS` names a scheme or none, for all alike; without it, etcd's own default."""
    found, schemes = [], set()
    for text in (os.environ.get("ETCDCTL_ENDPOINTS") or f"127.0.0.1:{PORT}").split(","):
        scheme, separator, rest = text.strip().rpartition("://")
        if separator and scheme not in ("http", "https"):
            raise ConfigurationError(f"ETCDCTL_ENDPOINTS: {text!r} is neither http:// nor https://")
        schemes.add(scheme)
        found.append(_endpoint(rest.rstrip("/")))
    if "https" in schemes and schemes - {"https"}:
        raise ConfigurationError("ETCDCTL_ENDPOINTS mixes https:// with others")
    if secure and "http" in schemes:
        raise ConfigurationError("ETCDCTL_ENDPOINTS says http:// and the URL etcds://: one of them is wrong")
    return tuple(found), secure or "https" in schemes


def _prefix(path: str) -> str:
    prefix = unquote(path).strip("/")
    if "\0" in prefix:
        raise ConfigurationError("the prefix in an etcd URL holds a NUL")
    return prefix


def _account(account: str, options: Options) -> tuple[str | None, str | None]:
    name, colon, word = account.partition(":")
    user = unquote(name) or None
    password = unquote(word) if colon else None
    if user is None:
        user = _text(options, "user")
        if user is None and "password" not in options:
            user = os.environ.get("ETCDCTL_USER") or None
        if user is not None and ":" in user:
            user, _, password = user.partition(":")
    if password is None:
        password = _text(options, "password")
        if password is None and user is not None:
            password = os.environ.get("ETCDCTL_PASSWORD") or None
    if password is not None and user is None:
        raise ConfigurationError("a password takes a user")
    if user is not None and password is None:
        raise ConfigurationError(
            f"the user {user!r} takes a password: give password, or user='name:password'"
        )
    return user, password


def _text(options: Options, name: str) -> str | None:
    value = options.pop(name, None)
    if value is None:
        return None
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{name} must be a non-empty str")  # Not shown: it may be the password.
    return value


def _demand_no_tls(given: dict[str, str | None]) -> None:
    for name, value in given.items():
        if value is not None:
            raise ConfigurationError(f"{name} is for TLS: write etcds:// instead of etcd://")


def _read(name: str, path: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot read {path}: {error.strerror}") from error
