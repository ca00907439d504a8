"""From a URL to an open store; also what tests use that need no manager."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from coordination import pem
from coordination.clock import SystemClock
from coordination.options import Options, nothing_left
from coordination.stores.etcd.credentials import Credentials
from coordination.stores.etcd.dialing import Dialer, SettingsDialer
from coordination.stores.etcd.settings import Settings, settings_of
from coordination.stores.etcd.store import EtcdStore
from coordination.stores.etcd.wire import Wire


def open_store(url: str, **options: Any) -> EtcdStore:
    """The store that an `etcd://` or `etcds://` URL names; nothing is contacted yet."""
    plaintext_password = bool(options.pop("plaintext_password", False))
    store = store_of(urlsplit(url), options, plaintext_password=plaintext_password)
    nothing_left(options, "etcd")
    return store


def store_of(url: SplitResult, options: Options, *, plaintext_password: bool) -> EtcdStore:
    """The same from a URL in parts; takes the options it knows out of `options`."""
    return store_on(settings_of(url, options, plaintext_password=plaintext_password))


def store_on(
    settings: Settings, dialer: Dialer | None = None, token: str | None = None, remarks: Sequence[str] = ()
) -> EtcdStore:
    """A store on channels of its own, or on those that `dialer` opens."""
    credentials = Credentials(SystemClock(), settings.user, settings.password, token)
    wire = Wire(dialer or SettingsDialer(settings), credentials, [*pem.remarks(settings.key_file), *remarks])
    return EtcdStore(wire, settings.prefix, str(settings))
