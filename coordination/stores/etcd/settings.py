"""Where the cluster is and how to be let in: from a URL, `connect()` options and etcdctl's environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import SplitResult

from coordination.errors import ConfigurationError
from coordination.hidden import Hidden
from coordination.stores.etcd import pem
from coordination.stores.etcd.account import Options, account_of, decoded, text_of
from coordination.stores.etcd.endpoints import endpoints_of, endpoints_of_environment


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
    password: Hidden | None = field(default=None, repr=False)

    def __str__(self) -> str:
        scheme = "etcds" if self.secure else "etcd"
        return f"{scheme}://{','.join(self.endpoints)}/{self.prefix}".rstrip("/")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("settings hold secrets and are not pickled: connect() again where they are needed")


def settings_of(
    url: SplitResult,
    options: Options,
    *,
    plaintext_password: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> Settings:
    """Settings from a URL, what the URL leaves out from `options`, the rest from `environment`: `ETCDCTL_*`.

    Takes what it knows out of `options`. `ConfigurationError` for anything that can never work; the
    certificates are read here, no server is contacted.
    """
    if any("@" in name for name in options):  # Not shown: it is the rest of a password.
        raise ConfigurationError("in a user or password of a URL, write /, ?, #, [ and @ percent-encoded")
    account, _, hosts = url.netloc.rpartition("@")
    secure = url.scheme == "etcds"
    if hosts:
        endpoints = endpoints_of(hosts)
    else:
        endpoints, secure = endpoints_of_environment(secure, environment)
    given = {name: text_of(options, name) for name in ("cacert", "cert", "key")}
    user, password = account_of(account, options, environment)
    prefix = _prefix(url.path)
    if not secure:
        _demand_no_tls(given)
        if password is not None and not plaintext_password:
            raise ConfigurationError(
                "a password (of the URL, an option or ETCDCTL_USER) over plaintext can be read by others: "
                "use etcds://, or say plaintext_password=True"
            )
        return Settings(endpoints, prefix, user=user, password=password)
    files = {name: given[name] or environment.get(f"ETCDCTL_{name.upper()}") or None for name in given}
    tls = pem.read(files)
    return Settings(
        endpoints,
        prefix,
        True,
        tls["cacert"],
        tls["cert"],
        tls["key"],
        files["key"],
        user,
        password,
    )


def _prefix(path: str) -> str:
    if path.startswith("//") or any(letter in path for letter in ":,"):
        # It would be another world of names than the one that was meant, and exclude nobody there.
        raise ConfigurationError(
            "several members are written etcd://host:port,host:port/prefix, with one scheme for all (what "
            "etcdctl takes goes into ETCDCTL_ENDPOINTS); in a prefix, write : and , percent-encoded"
        )
    prefix = decoded("the prefix", path).strip("/")
    if "\0" in prefix:
        raise ConfigurationError("the prefix in an etcd URL holds a NUL")
    return prefix


def _demand_no_tls(given: dict[str, str | None]) -> None:
    for name, value in given.items():
        if value is not None:
            raise ConfigurationError(f"{name} is for TLS: write etcds:// instead of etcd://")
