"""Where servers are: `host:port` as URLs and the environment of a store's own tools name them.

A secret with an unescaped character in it makes a URL fall apart at the wrong place, so whatever
does not look like a host is not shown in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from coordination.errors import ConfigurationError
from coordination.options import decoded


@dataclass(frozen=True, slots=True)
class Addressing:
    """How one kind of server is addressed, and what messages about it name.

    `ports` are the default ports of an address in the environment that names a scheme; every other
    has `port`. `account` says where the secret belongs that somebody wrote into an address.
    """

    scheme: str
    port: int
    one: str
    several: str
    variable: str
    theirs: str
    account: str
    marks: str = ""
    ports: Mapping[str, int] = field(default_factory=dict)

    def of_url(self, hosts: str) -> tuple[str, ...]:
        """`host:port,host:port` of a URL, each with its port."""
        return tuple(self._address(host, self.port) for host in hosts.split(","))

    def of_environment(self, secure: bool, environment: Mapping[str, str]) -> tuple[tuple[str, ...], bool]:
        """The variable names a scheme or none, for all alike; without it, the store's own default.

        `secure` is whether TLS is asked for anyway; answered is whether it is with the scheme.
        """
        found, schemes = [], set()
        for text in (environment.get(self.variable) or f"127.0.0.1:{self.port}").split(","):
            scheme, separator, rest = text.strip().rpartition("://")
            if separator and scheme not in ("http", "https"):
                raise ConfigurationError(f"{self.variable}: an {self.one}'s scheme is http:// or https://")
            if "@" in rest:
                raise ConfigurationError(f"{self.variable} holds an @: {self.account}")
            schemes.add(scheme)
            found.append(self._address(rest.rstrip("/"), self.ports.get(scheme, self.port)))
        if "https" in schemes and schemes - {"https"}:
            raise ConfigurationError(
                f"{self.variable} mixes https:// with others: write it before each or none"
            )
        if secure and "http" in schemes:
            raise ConfigurationError(
                f"{self.variable} says http:// and the URL {self.scheme}s://: one of them is wrong"
            )
        return tuple(found), secure or "https" in schemes

    def path(self, path: str) -> str:
        """The path of a URL, percent-decoded; `ConfigurationError` where it holds another address."""
        if path.startswith("//") or any(letter in path for letter in ":,"):
            # It would be another world of names than the one that was meant, and exclude nobody there.
            raise ConfigurationError(
                f"{self.several} are written {self.scheme}://host:port,host:port/prefix, with one "
                f"scheme for all ({self.theirs} goes into {self.variable}); in a prefix, write : and , "
                "percent-encoded"
            )
        return decoded("the prefix", path)

    def _address(self, text: str, default: int) -> str:
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname, parts.port
        except ValueError:
            raise self._wrong(text) from None
        strange = not host or port == 0 or parts.path or parts.query or "@" in text
        if strange or any(letter.isspace() for letter in text):
            raise self._wrong(text)
        return f"[{host}]:{port or default}" if ":" in str(host) else f"{host}:{port or default}"

    def _wrong(self, text: str) -> ConfigurationError:
        shown = text.partition(":")[0]
        return ConfigurationError(
            f"the {self.one} that begins with {shown!r} makes no sense: {self.one}s are written "
            f"host:port,host:port with ports from 1 to 65535, an IPv6 address [::1]:{self.port}{self.marks}"
        )
