"""From a client that somebody has already, of `etcd3` or of its fork `pyetcd`, to a store.

The store speaks to the same servers, with the same user and the same TLS. The client is only looked
at: nothing of it is changed or closed. Connections are our own wherever the client keeps what they
take, for failover, fresh connections and a fork depend on that. `etcd3` does not keep the
certificates it was given: unless they are given to us too, its own channel is borrowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult

import grpc

from coordination.errors import ConfigurationError
from coordination.hidden import Hidden
from coordination.options import Options, prefix_of
from coordination.stores.etcd.dialing import OPTIONS
from coordination.stores.etcd.opening import store_on
from coordination.stores.etcd.settings import Settings, settings_of
from coordination.stores.etcd.store import EtcdStore

_BORROWED = (
    "the client keeps no certificates, so its own connection is used, which nobody can replace when it is "
    "dead, nor close before a fork: give connect() cacert, and cert and key if the server asks for them"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a client keeps of the way to its servers. With TLS either `trusts` or a `channel` is there."""

    addresses: tuple[str, ...]
    secure: bool
    trusts: tuple[Any, ...] = ()
    channel: Any = None


class KeptDialer:
    """Channels of our own, with the TLS credentials that the client keeps for each of its endpoints."""

    def __init__(self, trusts: Mapping[str, Any]) -> None:
        self._trusts = trusts

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The client's."""
        return tuple(self._trusts)

    def dial(self, endpoint: str) -> Any:
        """As its own, with our options."""
        return grpc.secure_channel(endpoint, self._trusts[endpoint], options=OPTIONS)

    def hang_up(self, channel: Any) -> None:
        """It was ours."""
        channel.close()


class BorrowedDialer:
    """The client's only channel, again and again."""

    def __init__(self, endpoint: str, channel: Any) -> None:
        self.endpoints = (endpoint,)
        self._channel = channel

    def dial(self, endpoint: str) -> Any:
        """There is but one; gRPC alone decides when to connect it anew."""
        return self._channel

    def hang_up(self, channel: Any) -> None:
        """It is the client's, who may be using it."""


def store_of_client(client: Any, options: Options, *, plaintext_password: bool) -> EtcdStore:
    """A store on the client's servers; takes the options it knows out of `options`.

    `prefix` is what a URL's path would be. With `user` and `password` tokens are fetched as for a
    URL, else the client's token serves as long as the servers accept it. The environment is not
    asked: the client says where to go. Nothing is contacted.
    """
    kept = _kept(client)
    prefix = prefix_of(options)
    certified = any(options.get(name) is not None for name in ("cacert", "cert", "key"))
    url = SplitResult("etcds" if kept.secure else "etcd", ",".join(kept.addresses), prefix, "", "")
    settings = settings_of(url, options, plaintext_password=plaintext_password, environment={})
    token = _token(client) if settings.password is None else None
    if certified or not kept.secure:
        return store_on(settings, token=token)
    if kept.trusts:
        return store_on(settings, KeptDialer(_by_endpoint(settings, kept)), token)
    return store_on(settings, BorrowedDialer(settings.endpoints[0], kept.channel), token, [_BORROWED])


def _kept(client: Any) -> Kept:
    endpoints = getattr(client, "endpoints", None)
    if isinstance(endpoints, dict) and endpoints:  # pyetcd
        return _kept_by_several(list(endpoints.values()))
    address, channel = getattr(client, "_url", None), getattr(client, "channel", None)
    if not isinstance(address, str) or channel is None:
        raise ConfigurationError(f"{type(client).__name__} is no client that connect() can read")
    return Kept((address,), bool(getattr(client, "uses_secure_channel", True)), channel=channel)


def _kept_by_several(endpoints: list[Any]) -> Kept:
    secure = {bool(endpoint.secure) for endpoint in endpoints}
    if len(secure) > 1:
        raise ConfigurationError("the client has endpoints with TLS and endpoints without: take one kind")
    addresses = tuple(str(endpoint.netloc) for endpoint in endpoints)
    return Kept(addresses, secure.pop(), tuple(endpoint.credentials for endpoint in endpoints))


def _by_endpoint(settings: Settings, kept: Kept) -> Mapping[str, Any]:
    return dict(zip(settings.endpoints, kept.trusts, strict=True))


def _token(client: Any) -> Hidden | None:
    """What the client got for its password, which it did not keep."""
    return next((Hidden(value) for name, value in client.metadata or () if name == "token"), None)
