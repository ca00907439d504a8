"""Secrets in memory: passwords, tokens, the secrets of leases, and what holds them."""

from __future__ import annotations

from typing import NoReturn


class Hidden(str):
    """A secret: it shows in no repr, also of what it is part of, and cannot be pickled. `str()` has it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled: get it again where it is needed")


class Unpickled:
    """Settings, which hold secrets: they stay in this process."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("settings hold secrets and are not pickled: connect() again where they are needed")
