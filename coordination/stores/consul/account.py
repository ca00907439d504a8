"""Who we are to Consul: its ACL token, from an option, a file and Consul's environment; never from a URL.

What is wrong with a token is said without showing it. One that Consul does not know is not tried often.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl

from coordination.errors import AuthFailed, ConfigurationError, CoordinationError
from coordination.hidden import Hidden
from coordination.options import Options, text_of

QUIET = 2.0
"""Seconds in which a refused token is not tried again, whoever calls: three tries in five seconds."""

_REMEDY = "give connect() token or token_file, or set CONSUL_HTTP_TOKEN or CONSUL_HTTP_TOKEN_FILE"


def demand_no_token_in(url: SplitResult, options: Options) -> None:
    """Refuse a URL with something like a secret in it: URLs end up in logs and in lists of processes."""
    # An @ in an option's name is the rest of a user or password with an unescaped ? in it.
    if "@" in url.netloc or any("@" in name for name in options):
        raise ConfigurationError(
            f"a consul URL takes no user, password or token before an @: {_REMEDY}; Consul knows no users"
        )
    if "@" in url.path:
        raise ConfigurationError(
            f"a consul URL takes no token before an @: {_REMEDY}; in a prefix, write @ as %40"
        )
    if any(name == "token" for name, _ in parse_qsl(url.query, keep_blank_values=True)):
        raise ConfigurationError(f"a token does not belong into a URL, which ends up in logs: {_REMEDY}")


def token_of(options: Options, environment: Mapping[str, str]) -> Hidden | None:
    """The token, or None. A file goes before a variable with the token itself, as in the consul command."""
    token, file = text_of(options, "token"), text_of(options, "token_file")
    if token is not None and file is not None:
        raise ConfigurationError("there is token, and there is token_file: give it once")
    if token is not None:
        return _checked("token", token)
    if file is not None:
        return _content("token_file", file)
    file = environment.get("CONSUL_HTTP_TOKEN_FILE")
    if file:
        return _content("CONSUL_HTTP_TOKEN_FILE", file)
    token = environment.get("CONSUL_HTTP_TOKEN")
    return _checked("CONSUL_HTTP_TOKEN", token) if token else None


class Welcome:
    """Whether Consul knew our token when it was last asked. Safe for threads; `now` is the caller's clock."""

    def __init__(self) -> None:
        self._refused: tuple[float, str] | None = None

    def demand(self, now: float) -> None:
        """Raise what Consul said, if it refused the token a moment ago."""
        refused = self._refused
        if refused is not None and now < refused[0] + QUIET:
            raise AuthFailed(refused[1])

    def note(self, error: CoordinationError, now: float) -> None:
        """What a request failed with."""
        if isinstance(error, AuthFailed):
            self._refused = (now, str(error))


def _content(name: str, path: str) -> Hidden:
    try:
        token = Path(path).read_bytes().decode("ascii", "replace").strip()
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot read {path}: {error.strerror}") from error
    except ValueError:
        raise ConfigurationError(f"{name}: {path!r} is no path") from None
    if not token:
        raise ConfigurationError(f"{name}: {path} is empty")
    return _checked(f"{name}: what {path} holds", token)


def _checked(name: str, token: str) -> Hidden:
    """It is sent as a header, where a line's end would begin another one."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationError(f"{name} is no token: printable ASCII without spaces")
    return Hidden(token)
