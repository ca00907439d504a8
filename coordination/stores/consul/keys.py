"""How a record's key is written in Consul, and how it is written into the path of a blocking query.

Consul redirects every path with an empty segment, a `.` or a `..`, also an escaped one, to somewhere
else. So no stored key has such a segment; the names in keys are percent-encoded (`record.py`), which
never yields what stands for them here.
"""

from __future__ import annotations

from urllib.parse import quote

_STAND_INS = {"": "@", ".": "%2E", "..": "%2E%2E"}
_MEANT = {stored: segment for segment, stored in _STAND_INS.items()}


class Keys:
    """Keys of one prefix: `namespace/leases/name` is stored as `prefix/namespace/leases/name`."""

    def __init__(self, prefix: str) -> None:
        self._folder = f"{prefix}/"

    def stored(self, key: str) -> str:
        """The whole key in Consul."""
        return self._folder + "/".join(_STAND_INS.get(segment, segment) for segment in key.split("/"))

    def folder(self, prefix: str) -> str:
        """What the stored keys below a folder start with; `prefix` ends in a slash, or is empty."""
        return f"{self.stored(prefix[:-1])}/" if prefix else self._folder

    def beginning(self, prefix: str) -> str:
        """What the stored keys of all keys that start with `prefix` start with, and perhaps some others."""
        whole, slash, part = prefix.rpartition("/")
        folder = self.folder(whole + slash)
        # A dot may be all there is of a segment, or the beginning of one.
        return folder if part in _STAND_INS else folder + part

    def contract(self, stored: str) -> str:
        """The key that is stored like this, which is below our prefix."""
        segments = stored.removeprefix(self._folder).split("/")
        return "/".join(_MEANT.get(segment, segment) for segment in segments)


def path_of(stored: str) -> str:
    """A stored key or folder as the path of a URL, every segment escaped."""
    return "/v1/kv/" + "/".join(quote(segment, safe="") for segment in stored.split("/"))


def branch_of(key: str) -> str:
    """The namespace and the kind that a key of the contract belongs to, as a folder."""
    return "".join(f"{segment}/" for segment in key.split("/")[:-1][:2])


def is_contender(key: str) -> bool:
    """Whether it is the key of a contender, which is used once, and whose record is written once."""
    return key.count("/") == 3 and not key.endswith("/")
