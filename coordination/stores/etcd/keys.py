"""From the contract's keys to the bytes that etcd keeps, and back.

A key is kept as `PREFIX/KEY`, the prefix being what the URL's path says; without one, as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from coordination.stores.etcd.watched import Place


class Keys:
    """The mapping for one prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = f"{prefix}/".encode() if prefix else b""

    def raw(self, key: str) -> bytes:
        """The bytes that `key` is kept under."""
        return self._prefix + key.encode(errors="surrogateescape")

    def key(self, raw: bytes) -> str:
        """The key that is kept under `raw`; strangers may have written names that are no UTF-8."""
        return raw[len(self._prefix) :].decode(errors="surrogateescape")

    def ours(self, raws: Iterable[bytes]) -> set[str]:
        """The keys of those that lie under our prefix; there may be ten thousand."""
        start = len(self._prefix)
        return {raw[start:].decode(errors="surrogateescape") for raw in raws if raw.startswith(self._prefix)}

    def below(self, prefix: str) -> Place:
        """All keys that start with `prefix`."""
        raw = self.raw(prefix)
        stripped = raw.rstrip(b"\xff")
        end = stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else b"\0"
        # etcd takes no empty key: the first there can be is a single zero byte.
        return Place(raw or b"\0", end)

    def watched(self, prefix: str) -> Place:
        """What `Store.watch` covers: all below a prefix that ends in a slash, else that very key."""
        return self.below(prefix) if not prefix or prefix.endswith("/") else Place(self.raw(prefix))
