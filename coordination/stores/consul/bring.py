"""From a client that somebody has already, of `python-consul` or `py-consul`, to a store.

Both call their module `consul` and their class `Consul`, and keep the same things. The store speaks to
the same agent, with the same token, datacenter and TLS, on connections of its own. The client is only
looked at: nothing of it is changed or closed.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import SplitResult

from coordination.errors import ConfigurationError
from coordination.options import Options, prefix_of
from coordination.stores.consul.opening import store_on
from coordination.stores.consul.settings import settings_of
from coordination.stores.consul.store import ConsulStore

_SCHEMES = {"http": "consul", "https": "consuls"}


def store_of_client(client: Any, options: Options) -> ConsulStore:
    """A store on the client's agent; takes the options it knows out of `options`.

    `prefix` is what a URL's path would be; other options go before what the client keeps. The
    environment is not asked: the client says where to go. Nothing is contacted.
    """
    http: Any = getattr(client, "http", None)
    scheme = _SCHEMES.get(str(getattr(http, "scheme", None)))
    if scheme is None:
        raise ConfigurationError(f"{type(client).__name__} is no client that connect() can read")
    _fill(options, ("token", "token_file"), {"token": client.token or None})
    _fill(options, ("dc",), {"dc": client.dc or None})
    if scheme == "consuls":
        _fill(options, ("cert", "key"), _pair(http.cert))
        _fill(options, ("cacert",), {"cacert": None if options.get("cacert") else _trusted(http.verify)})
    url = SplitResult(scheme, f"{http.host}:{http.port}", prefix_of(options), "", "")
    return store_on(settings_of(url, options, environment={}))


def _fill(options: Options, names: tuple[str, ...], kept: Options) -> None:
    """What the client keeps goes in where none of these options is given."""
    if all(options.get(name) is None for name in names):
        options.update(kept)


def _pair(cert: Any) -> Options:
    """A file of each, or one that holds both."""
    if not cert:
        return {}
    if isinstance(cert, (str, os.PathLike)):
        return {"cert": cert, "key": cert}
    cert, key = cert
    return {"cert": cert, "key": key}


def _trusted(verify: Any) -> Any:
    """The file that the client takes for its CA; None where it takes the public ones."""
    if verify is True or verify is None:
        return None
    if not verify:
        raise ConfigurationError(
            "the client has verify=False, and a lease granted by just anybody excludes nobody: give "
            "connect() cacert, the file with the certificate of the agent's CA"
        )
    return verify
