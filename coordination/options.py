"""Options of `connect()` and of URLs: taken one by one out of a dict, and what nobody took is refused.

What is wrong with one is said without showing it wherever it may be a secret.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote_to_bytes

from coordination.errors import ConfigurationError

Options = dict[str, Any]


def options_of(url: SplitResult) -> Options:
    """Those that a URL gives after its question mark, each once."""
    pairs = parse_qsl(url.query, keep_blank_values=True)
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigurationError(f"the URL gives the option {twice[0]!r} twice")
    return dict(pairs)


def nothing_left(options: Mapping[str, object], where: str) -> None:
    """Refuse options that nobody has taken."""
    if options:
        raise ConfigurationError(f"unknown option {sorted(options)[0]!r} for {where}")


def boolean(options: Options, name: str, default: bool) -> bool:
    """Take a yes-or-no option out of `options`."""
    value = options.pop(name, default)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false", "1", "0", "yes", "no"):
        return value.lower() in ("true", "1", "yes")
    raise ConfigurationError(f"{name} must be true or false, not {value!r}")


def text_of(options: Options, name: str) -> str | None:
    """Take the option; None if it is not there. A path counts as text."""
    value = options.pop(name, None)
    if value is None:
        return None
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{name} must be a non-empty str")  # Not shown: it may be the password.
    return _unicode(name, value)


def prefix_of(options: Options) -> str:
    """Take the option that says, beside a client, what a URL's path would; percent-encoded as there."""
    prefix = options.pop("prefix", "")
    if not isinstance(prefix, str):
        raise ConfigurationError(f"prefix must be a str, not {prefix!r}")
    return quote(_unicode("prefix", prefix))


def decoded(what: str, text: str) -> str:
    """Percent-decoded, from a URL."""
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeError:
        # Not chained, here and below: such an error carries the text.
        raise ConfigurationError(f"{what} in the URL is not UTF-8 once percent-decoded") from None


def _unicode(name: str, text: str) -> str:
    try:
        text.encode()
    except UnicodeError:
        raise ConfigurationError(f"{name} is not valid Unicode: it holds a lone surrogate") from None
    return text
