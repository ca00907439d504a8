"""The secret of a lease between two runs of the command: by file or environment, never by arguments.

A file is written for its owner alone, and only over a file that is one of these already (64 hex
digits, or empty as `mktemp` leaves it; regular, ours, closed to others), so that a mistyped path
destroys nothing. It is replaced at once, so that nobody reads half a secret.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from secrets import token_hex

from coordination.errors import ConfigurationError

VARIABLE = "COORDINATION_SECRET"

_LIMIT = 4096
_WRITTEN = re.compile(rb"([0-9a-f]{64}\n)?")


def from_environment() -> str | None:
    """What the variable says; empty counts as unset."""
    return os.environ.get(VARIABLE) or None


def given(file: str | None) -> str:
    """The secret in the file, else in the environment; `ConfigurationError` if there is none."""
    if file is not None:
        return _read(Path(file))
    secret = from_environment()
    if secret is None:
        raise ConfigurationError(f"no secret: name its file with --secret-file, or set {VARIABLE}")
    return secret


def demand_writable(path: Path) -> None:
    """Raise `ConfigurationError` now if `write` could not work later."""
    if not os.access(path.parent, os.W_OK):
        raise ConfigurationError(f"cannot write the secret: {path.parent} is no folder that you can write to")
    if os.path.lexists(path) and not _is_ours(path):
        raise ConfigurationError(
            f"{path} exists, and is not a secret file of yours: name another file, or remove it"
        )


def write(path: Path, secret: str) -> None:
    """Put the secret there, readable by this user alone."""
    partial = path.with_name(f"{path.name}.{token_hex(4)}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{secret}\n")
        demand_writable(path)
        partial.replace(path)
    except OSError as error:
        raise ConfigurationError(f"cannot write the secret to {path}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_LIMIT + 1)
    except OSError as error:
        raise ConfigurationError(f"cannot read the secret in {path}: {error.strerror}") from error
    try:
        secret = raw.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        secret = ""
    if not secret or len(raw) > _LIMIT:
        raise ConfigurationError(f"{path} holds no secret; `coordination acquire --secret-file` writes it")
    return secret


def _is_ours(path: Path) -> bool:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LIMIT:
        return False
    if os.name == "posix" and (status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077):
        return False
    try:
        return _WRITTEN.fullmatch(path.read_bytes()) is not None
    except OSError:
        return False
