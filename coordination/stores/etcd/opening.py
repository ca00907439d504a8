"""From a URL to an open store; also what tests use that need no manager."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from coordination.clock import SystemClock
from coordination.errors import ConfigurationError
from coordination.store import Conditions
from coordination.stores.etcd.account import Options
from coordination.stores.etcd.credentials import Credentials
from coordination.stores.etcd.dialing import Dialer, SettingsDialer
from coordination.stores.etcd.settings import Settings, settings_of
from coordination.stores.etcd.store import EtcdStore
from coordination.stores.etcd.wire import Wire


def open_store(url: str, **options: Any) -> EtcdStore:
    """The store that an `etcd://` or `etcds://` URL names; nothing is contacted yet."""
    plaintext_password = bool(options.pop("plaintext_password", False))
    store = store_of(urlsplit(url), options, plaintext_password=plaintext_password)
    if options:
        raise ConfigurationError(f"unknown option {sorted(options)[0]!r} for etcd")
    return store


def store_of(url: SplitResult, options: Options, *, plaintext_password: bool) -> EtcdStore:
    """The same from a URL in parts; takes the options it knows out of `options`."""
    return store_on(settings_of(url, options, plaintext_password=plaintext_password))


def store_on(
    settings: Settings, dialer: Dialer | None = None, token: str | None = None, remarks: Sequence[str] = ()
) -> EtcdStore:
    """A store on channels of its own, or on those that `dialer` opens."""
    credentials = Credentials(SystemClock(), settings.user, settings.password, token)
    wire = Wire(dialer or SettingsDialer(settings), credentials, [*_remarks(settings), *remarks])
    return EtcdStore(wire, settings.prefix, str(settings))


def _remarks(settings: Settings) -> Conditions:
    """What is wrong with the files, seen once."""
    if settings.key_file is None or os.name != "posix":
        return []
    mode = stat.S_IMODE(os.stat(settings.key_file).st_mode)
    if not mode & 0o077:
        return []
    return [f"the client's key {settings.key_file} has mode {mode:04o}: others of this machine can read it"]
