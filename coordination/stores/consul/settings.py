"""Where the agents are and how to be let in: from a URL, `connect()` options and Consul's environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult

from coordination import pem
from coordination.addresses import Addressing
from coordination.errors import ConfigurationError
from coordination.hidden import Hidden, Unpickled
from coordination.options import Options, text_of
from coordination.stores.consul.account import demand_no_token_in, token_of
from coordination.timing import seconds

AGENTS = Addressing(
    scheme="consul",
    port=8500,
    one="agent",
    several="several agents",
    variable="CONSUL_HTTP_ADDR",
    theirs="what the consul command takes",
    account="a token goes into CONSUL_HTTP_TOKEN",
    ports={"http": 80, "https": 443},  # as the consul command has it, which takes them for URLs
)
PREFIX = "coordination"
"""Without one our keys would stand among everybody's."""

LONGEST_LOCK_DELAY = 60.0
"""Seconds, and Consul's own limit."""

_VARIABLES = {"cacert": "CONSUL_CACERT", "cert": "CONSUL_CLIENT_CERT", "key": "CONSUL_CLIENT_KEY"}
"""What the consul command calls them."""


@dataclass(frozen=True, slots=True)
class Settings(Unpickled):
    """Everything a connection needs; the token does not show in its repr. Certificates are paths."""

    agents: tuple[str, ...]
    prefix: str = PREFIX
    secure: bool = False
    dc: str | None = None
    namespace: str | None = None
    token: Hidden | None = field(default=None, repr=False)
    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    lock_delay: float = 0.0

    def __str__(self) -> str:
        scheme = "consuls" if self.secure else "consul"
        query = f"?dc={self.dc}" if self.dc else ""
        return f"{scheme}://{','.join(self.agents)}/{self.prefix}{query}"


def settings_of(
    url: SplitResult, options: Options, *, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Settings from a URL, what it leaves out from `options`, the rest from `environment`: `CONSUL_*`.

    Takes what it knows out of `options`; those of the URL are in there already. `ConfigurationError`
    for anything that can never work; files are read here, no agent is contacted.
    """
    demand_no_token_in(url, options)
    secure = url.scheme == "consuls"
    if url.netloc:
        agents = AGENTS.of_url(url.netloc)
    else:
        agents, secure = _agents_of_environment(secure, environment)
    files = pem.files_of(options, _VARIABLES, environment if secure else {})
    if secure:
        pem.read(files)
    else:
        pem.demand_none(files, "consul")
    return Settings(
        agents,
        _prefix(url.path),
        secure,
        _label("dc", text_of(options, "dc")),
        _label("consul_namespace", text_of(options, "consul_namespace"))
        or _label("CONSUL_NAMESPACE", environment.get("CONSUL_NAMESPACE") or None),
        token_of(options, environment),
        files["cacert"],
        files["cert"],
        files["key"],
        _lock_delay(options.pop("lock_delay", 0.0)),
    )


def _agents_of_environment(secure: bool, environment: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
    """As the consul command has it: `CONSUL_HTTP_SSL` asks for TLS, which http:// does not take back."""
    address = environment.get(AGENTS.variable, "")
    if address.startswith("unix://"):
        raise ConfigurationError(
            f"{AGENTS.variable} names a unix socket, which coordination cannot use: write the agent's "
            "host:port into the URL"
        )
    agents, named = AGENTS.of_environment(secure, environment)
    return agents, named or _asks_for_tls(environment.get("CONSUL_HTTP_SSL", ""))


def _asks_for_tls(text: str) -> bool:
    """Go's way to write yes and no."""
    if text in ("1", "t", "T", "true", "TRUE", "True"):
        return True
    if text in ("", "0", "f", "F", "false", "FALSE", "False"):
        return False
    raise ConfigurationError(f"CONSUL_HTTP_SSL must be true or false, not {text!r}")


def _prefix(path: str) -> str:
    prefix = AGENTS.path(path).strip("/") or PREFIX
    if any(letter != " " and not letter.isprintable() for letter in prefix):
        # Consul refuses the path of a query with such a one: a NUL, a mark that turns the text around.
        raise ConfigurationError("the prefix in a consul URL holds a NUL or another control character")
    if any(segment in ("", ".", "..") for segment in prefix.split("/")):
        # Consul answers such a path with a redirect to another one, which is never followed.
        raise ConfigurationError(
            "a segment of the prefix in a consul URL is empty, . or ..: Consul takes that for another path"
        )
    return prefix


def _label(name: str, value: str | None) -> str | None:
    """What Consul allows in the names of datacenters and namespaces."""
    if value is not None and not re.fullmatch("[A-Za-z0-9_-]+", value):
        raise ConfigurationError(f"{name} may hold letters, digits, - and _ only, not {value!r}")
    return value


def _lock_delay(value: object) -> float:
    """Seconds; a URL has them as text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise ConfigurationError(f"lock_delay must be a number of seconds, not {value!r}") from None
    delay = seconds(value, "lock_delay", LONGEST_LOCK_DELAY)
    if delay < 0:
        raise ConfigurationError(f"lock_delay must not be negative, not {value!r}")
    return delay
