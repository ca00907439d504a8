"""Where the cluster is and how to be let in: from a URL, `connect()` options and etcdctl's environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult

from coordination import pem
from coordination.errors import ConfigurationError
from coordination.hidden import Hidden, Unpickled
from coordination.options import Options
from coordination.stores.etcd.account import account_of
from coordination.stores.etcd.endpoints import ENDPOINTS

_VARIABLES = {"cacert": "ETCDCTL_CACERT", "cert": "ETCDCTL_CERT", "key": "ETCDCTL_KEY"}
"""What etcdctl calls them."""


@dataclass(frozen=True, slots=True)
class Settings(Unpickled):
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
        endpoints = ENDPOINTS.of_url(hosts)
    else:
        endpoints, secure = ENDPOINTS.of_environment(secure, environment)
    files = pem.files_of(options, _VARIABLES, environment if secure else {})
    user, password = account_of(account, options, environment)
    prefix = _prefix(url.path)
    if not secure:
        pem.demand_none(files, "etcd")
        if password is not None and not plaintext_password:
            raise ConfigurationError(
                "a password (of the URL, an option or ETCDCTL_USER) over plaintext can be read by others: "
                "use etcds://, or say plaintext_password=True"
            )
        return Settings(endpoints, prefix, user=user, password=password)
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
    prefix = ENDPOINTS.path(path).strip("/")
    if "\0" in prefix:
        raise ConfigurationError("the prefix in an etcd URL holds a NUL")
    return prefix
