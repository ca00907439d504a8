"""Whom we trust, and what we show: a TLS context of our own."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

from coordination import pem
from coordination.forking import NO_FORK
from coordination.stores.consul.settings import Settings
from coordination.stores.consul.sockets import BoundTLSSocket


class Trust(ssl.SSLContext):
    """Wraps sockets into those that keep a bound; no call into OpenSSL is under way while a process forks."""

    sslsocket_class = BoundTLSSocket

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Nothing: set for good. urllib3 sets it each time, which frees what other handshakes are reading."""

    def wrap_socket(self, sock: Any, *args: Any, **how: Any) -> ssl.SSLSocket:
        """A client's side, after the handshake; `how` names what `ssl.SSLContext` takes by name."""
        how["do_handshake_on_connect"] = False
        with NO_FORK:
            made = super().wrap_socket(sock, *args, **how)
        try:
            made.do_handshake()
        except BaseException:
            made.close()
            raise
        return made


def context_of(settings: Settings) -> Trust:
    """Checks certificate and host, TLS 1.2 or newer; `ConfigurationError` for files that cannot be used.

    Without `cacert` the system's certificates are trusted. `ssl.create_default_context` is not used:
    with SSLKEYLOGFILE set, it would write the keys of our connections into that file.
    """
    with NO_FORK:
        context = Trust(ssl.PROTOCOL_TLS_CLIENT)
    ssl.SSLContext.set_alpn_protocols(context, ["http/1.1"])
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    pem.load(context, {"cacert": settings.cacert, "cert": settings.cert, "key": settings.key})
    if settings.cacert is None:
        with NO_FORK:
            context.load_default_certs()
    return context
