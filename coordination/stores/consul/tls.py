"""Whom we trust, and what we show: a TLS context of our own."""

from __future__ import annotations

import ssl

from coordination import pem
from coordination.stores.consul.settings import Settings


def context_of(settings: Settings) -> ssl.SSLContext:
    """Checks certificate and host, TLS 1.2 or newer; `ConfigurationError` for files that cannot be used.

    Without `cacert` the system's certificates are trusted. `ssl.create_default_context` is not used:
    with SSLKEYLOGFILE set, it would write the keys of our connections into that file.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    pem.load(context, {"cacert": settings.cacert, "cert": settings.cert, "key": settings.key})
    if settings.cacert is None:
        context.load_default_certs()
    return context
