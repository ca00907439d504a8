"""Reading certificates and keys, and refusing at once what no handshake could ever use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from coordination.errors import ConfigurationError

Files = Mapping[str, str | None]


def read(files: Files) -> dict[str, bytes | None]:
    """The contents of `cacert`, `cert` and `key`; `ConfigurationError` if they cannot be used."""
    if (files["cert"] is None) != (files["key"] is None):
        raise ConfigurationError("a client certificate takes both: cert and key")
    pem = {name: _content(name, path) for name, path in files.items()}
    _try_out(files)
    return pem


def _content(name: str, path: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot read {path}: {error.strerror}") from error
    except ValueError:
        raise ConfigurationError(f"{name}: {path!r} is no path") from None


def _try_out(files: Files) -> None:
    """gRPC would say no more than that it failed, and only when it connects."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if files["cacert"] is not None:
        try:
            context.load_verify_locations(files["cacert"])
        except ssl.SSLError:
            raise ConfigurationError(f"cacert: {files['cacert']} holds no certificate in PEM form") from None
    if files["cert"] is not None:
        try:
            # A password for the key is never asked for: gRPC cannot use a key that needs one.
            context.load_cert_chain(files["cert"], files["key"], password="")
        except ssl.SSLError as error:
            raise ConfigurationError(
                f"cert {files['cert']} and key {files['key']} are no pair that can be used: both in PEM "
                f"form, the key without a password ({error.reason or 'unreadable'})"
            ) from None
