"""Certificates and keys: which files are meant; read at once, and refused if no handshake could use them."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from coordination.errors import ConfigurationError
from coordination.forking import NO_FORK
from coordination.options import Options, text_of

if TYPE_CHECKING:
    import ssl

Files = Mapping[str, str | None]
"""`cacert`, `cert` and `key`: what each is taken from, or None."""


def files_of(options: Options, variables: Mapping[str, str], environment: Mapping[str, str]) -> Files:
    """Take the three options; `variables` says which variable of the environment fills which of them."""
    given = {name: text_of(options, name) for name in variables}
    return {name: given[name] or environment.get(variable) or None for name, variable in variables.items()}


def demand_none(given: Files, scheme: str) -> None:
    """Refuse files that were given for a connection without TLS."""
    for name, value in given.items():
        if value is not None:
            raise ConfigurationError(f"{name} is for TLS: write {scheme}s:// instead of {scheme}://")


def read(files: Files) -> dict[str, bytes | None]:
    """Their contents; `ConfigurationError` if they cannot be used.

    They are tried out, for gRPC would say no more than that it failed, and only when it connects.
    """
    with NO_FORK:
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return load(context, files)


def load(context: ssl.SSLContext, files: Files) -> dict[str, bytes | None]:
    """Have `context` use them, and answer their contents; `ConfigurationError` if they cannot be used."""
    with NO_FORK:
        import ssl

    if (files["cert"] is None) != (files["key"] is None):
        raise ConfigurationError("a client certificate takes both: cert and key")
    contents = {name: _content(name, path) for name, path in files.items()}
    if files["cacert"] is not None:
        try:
            with NO_FORK:
                context.load_verify_locations(files["cacert"])
        except ssl.SSLError:
            raise ConfigurationError(f"cacert: {files['cacert']} holds no certificate in PEM form") from None
    if files["cert"] is not None:
        try:
            # A password for the key is never asked for: nobody may be there to answer.
            with NO_FORK:
                context.load_cert_chain(files["cert"], files["key"], password="")
        except ssl.SSLError as error:
            raise ConfigurationError(
                f"cert {files['cert']} and key {files['key']} are no pair that can be used: both in PEM "
                f"form, the key without a password ({error.reason or 'unreadable'})"
            ) from None
    return contents


def remarks(key: str | None) -> list[str]:
    """What is wrong with the file of a key that could be read, seen once."""
    if key is None or os.name != "posix":
        return []
    mode = stat.S_IMODE(os.stat(key).st_mode)
    if not mode & 0o077:
        return []
    return [f"the client's key {key} has mode {mode:04o}: others of this machine can read it"]


def _content(name: str, path: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot read {path}: {error.strerror}") from error
    except ValueError:
        raise ConfigurationError(f"{name}: {path!r} is no path") from None
