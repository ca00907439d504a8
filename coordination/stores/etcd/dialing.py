"""Opening gRPC channels: the one place that knows their options, and TLS.

Every channel is a connection of its own (gRPC would share one among all users of the process),
tries again soon, notices a dead peer by itself, and asks neither a proxy nor a service config.
"""

from __future__ import annotations

from typing import Any, Protocol

import grpc

from coordination.stores.etcd.settings import Settings

LARGEST_ANSWER = 24 * 1024 * 1024
"""Bytes; a page of records of the largest size fits, a flood does not."""

PING_EVERY = 10_000
"""Milliseconds; etcd ends connections that ping more often than every 5 s."""

OPTIONS: list[tuple[str, Any]] = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_retries", 0),
    ("grpc.enable_http_proxy", 0),
    ("grpc.service_config_disable_resolution", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.keepalive_time_ms", PING_EVERY),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.max_receive_message_length", LARGEST_ANSWER),
    ("grpc.max_send_message_length", LARGEST_ANSWER),
]


class Dialer(Protocol):
    """Opens channels to the members of one cluster."""

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The members, as host:port."""
        ...

    def dial(self, endpoint: str) -> Any:
        """A channel to one of them; nothing is sent yet."""
        ...

    def hang_up(self, channel: Any) -> None:
        """The channel is not used any more."""
        ...


class SettingsDialer:
    """Opens channels of our own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def endpoints(self) -> tuple[str, ...]:
        """As the settings name them."""
        return self._settings.endpoints

    def dial(self, endpoint: str) -> Any:
        """With TLS if the settings say so, and never without it then."""
        settings = self._settings
        if not settings.secure:
            return grpc.insecure_channel(endpoint, options=OPTIONS)
        trust = grpc.ssl_channel_credentials(settings.cacert, settings.key, settings.cert)
        return grpc.secure_channel(endpoint, trust, options=OPTIONS)

    def hang_up(self, channel: Any) -> None:
        """Close it; whatever is still under way on it is cancelled."""
        channel.close()
