"""What `connect()` is pointed at: a URL, a folder, an open store, or a client of another library."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from coordination.clock import Clock
from coordination.errors import ConfigurationError
from coordination.openers import client_opener, openers
from coordination.options import Options, nothing_left, options_of
from coordination.state_folder import state_folder
from coordination.store import Store


def store_at(target: object, clock: Clock, options: Options) -> Store:
    """The store that `target` names; `ConfigurationError` for one that can never work."""
    if isinstance(target, Store):
        nothing_left(options, "a store that is already open")
        return target
    bring = client_opener(target)
    if bring is not None:
        return bring(target, options)
    if target is None:
        target = os.environ.get("COORDINATION_URL") or state_folder().as_uri()
    if isinstance(target, os.PathLike):
        target = Path(target).absolute().as_uri()
    if not isinstance(target, str):
        raise ConfigurationError(
            "connect() takes a URL, a folder's Path, a Store, a client of etcd3, etcd-sdk-python (pyetcd), "
            f"python-consul or py-consul, or None; not {target!r}"
        )
    if "#" in target:
        # It begins a fragment, which no store looks at: two such URLs would name one store.
        raise ConfigurationError(
            f"a store's URL has no fragment; write %23 for the # in {_redacted(target)!r}"
        )
    try:
        url = urlsplit(target)
    except ValueError as error:
        raise ConfigurationError(f"{_redacted(target)!r} is not a URL: {error}") from None
    if url.scheme not in ("", "file") and not target.lower().startswith(f"{url.scheme}://"):
        raise ConfigurationError(f"write {url.scheme}://, with two slashes, in {_redacted(target)!r}")
    opener = openers().get(url.scheme)
    if opener is None:
        known = ", ".join(f"{scheme}://" for scheme in sorted(openers()))
        shown = f"{url.scheme}://" if url.scheme else repr(_redacted(target))
        raise ConfigurationError(f"no store answers to {shown}; known are {known}")
    return opener(url, clock, {**options_of(url), **options})


def _redacted(target: str) -> str:
    """Without the password or token it may hold: messages end up in logs."""
    target = re.sub(r"^(\w+:(?://)?)?.*@", r"\1***@", target, flags=re.DOTALL)
    return re.sub(r"(password|token)=[^&]*", r"\1=***", target)
