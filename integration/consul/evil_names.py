"""Names that mean something to paths, URLs or shells, everything a name is used for.

For test_names.py and for `make prove`: `generated(10_000)` through a recording proxy takes minutes.
"""

from __future__ import annotations

import posixpath
import random
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote

from coordination import Lease, Manager
from integration.servers.http_wire import Request

MAINTENANCE = "../../agent/maintenance?enable=true&"

EVIL = [
    *(
        MAINTENANCE,
        "..%2F..%2Fagent%2Fmaintenance%3Fenable%3Dtrue%26",
        "../../../v1/agent/leave",
        "../session/x",
    ),
    *("%2e%2e/%2e%2e/agent/leave", "%252E%252E%252F", "..;/..;/agent/leave", "..\\..\\agent", "x/../../../y"),
    *(".", "..", "...", "/", "//", "/.", "a/", "/a", "a//b", "a/./b", "@", "%2E", "%2E%2E", "%40"),
    *("x?cas=0", "?recurse", "x?flags=1&acquire=", "x&dc=other", "x#fragment", "#", "x;y", "a=b", "a:b", "*"),
    *("\0", "a\0b", "\r\n", "x HTTP/1.1\r\nX-Consul-Token: t\r\n\r\n", "\x7f", " ", " x ", "\t", "\u2028"),
    *(
        "é",
        "e\u0301",
        "\u202egnp",
        "\uff0e\uff0e\uff0f",
        "😀",
        "\ufeff",
        '"},{"KV":{"Verb":"delete-tree"',
        "'",
        "\\",
    ),
    *("leases", "data", "$(id)", "{}", "%s", "/" * 255, ".." * 127, "z" * 255, "ä" * 127, "😀" * 63),
]
"""More than forty; each is a name of its own."""

_TRICKY = "./\\%?#&=;:@+~ _-aAeE0123456789\0\r\n\t\x7f\"'{}[]<>|*é\u0301\u202e\u2028😀"
_PIECES = [
    "..",
    "../",
    "%2F",
    "%2e",
    "%252E",
    "//",
    "?enable=true&",
    "?cas=0",
    "/v1/agent/leave",
    "leases",
    "@",
]

_SESSION = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OWN = re.compile(
    rf"/v1/txn|/v1/session/create|/v1/session/(renew|destroy|info)/{_SESSION}|/v1/status/(leader|peers)",
    re.ASCII,
)
_PLAIN = re.compile(r"(/[A-Za-z0-9._~%@-]*)+", re.ASCII)
"""What is left of a path whose every segment is escaped."""
_QUERY = re.compile(
    r"((consistent|recurse|keys|index=\d+|wait=\d+m?s|separator=[A-Za-z0-9%]*)(&|$))*", re.ASCII
)


def generated(count: int, seed: int = 1) -> Iterator[str]:
    """So many different names, mostly of letters and pieces that are up to something; the same every time."""
    luck = random.Random(seed)
    given: set[str] = set()
    while len(given) < count:
        parts = [
            luck.choice(_PIECES) if luck.random() < 0.3 else luck.choice(_TRICKY)
            for _ in range(luck.choice((1, 2, 3, 5, 8, 13, 40)))
        ]
        if luck.random() < 0.2:
            parts.append(chr(luck.choice((luck.randrange(1, 0xD800), luck.randrange(0xE000, 0x110000)))))
        name = "".join(parts)
        if name not in given and len(name.encode()) <= 255:
            given.add(name)
            yield name


def take_and_leave(manager: Manager, name: str) -> None:
    """The shortest life of a name, its datum included: for thousands of them."""
    lease = manager.acquire_lease(name, name, period=60.0)
    assert lease is not None, name
    _is_shown(manager.get_lease(name), lease)
    lease.commit({name: name.encode()})
    assert manager.read(name) == name.encode(), name
    lease.commit(deletes=[name])
    assert lease.release()


def live_through(manager: Manager, name: str) -> None:
    """Everything a name can be used for, once; `AssertionError` unless it behaves as a name of its own."""
    lease = manager.acquire_lease(name, name, period=60.0)
    assert lease is not None, name
    assert manager.acquire_lease(name, "another", period=60.0) is None, name
    _is_shown(manager.get_lease(name), lease)
    _is_shown(next(shown for shown in manager.list_leases(name) if shown.name == name), lease)
    _is_shown(next(manager.watch(name, timeout=10.0)), lease)
    lease.renew()
    lease.commit({name: name.encode(), f"{name[:40]}'s": b"beside"}, [f"not {name[:40]}"])
    assert manager.read(name) == name.encode(), name
    stolen = manager.steal_lease(name, name, 1, 60.0, lease.index)
    assert stolen is not None, name
    assert stolen.token > lease.token
    stolen.renew(61.0)
    stolen.commit(deletes=[name, f"{name[:40]}'s"])
    assert manager.read(name) is None, name
    assert stolen.release()
    assert manager.get_lease(name) is None, name


def _is_shown(shown: Lease | None, held: Lease) -> None:
    assert shown is not None, held.name
    assert (shown.name, shown.machine_id, shown.index) == (held.name, held.machine_id, held.index)


def stray(requests: Iterable[Request], prefix: str) -> list[str]:
    """The requests that a lock has no business to make, or that ask for keys not below `prefix`."""
    return [f"{it.method} {it.target}" for it in requests if not _is_ours(it, prefix)]


def _is_ours(request: Request, prefix: str) -> bool:
    path, decoded = request.path, unquote(request.path)
    tidied: Callable[[str], str] = posixpath.normpath
    # Consul redirects a path that its router would write otherwise: neither form may be another one.
    if tidied(path) != path.rstrip("/") or tidied(decoded) != decoded.rstrip("/"):
        return False
    if not _PLAIN.fullmatch(path) or not _QUERY.fullmatch(request.query):
        return False
    if not decoded.startswith(f"/v1/kv/{prefix}/"):
        return (
            _OWN.fullmatch(path) is not None
            and request.method == ("GET" if "/status/" in path or "/info/" in path else "PUT")
            and all(it["Key"].startswith(f"{prefix}/") for it in request.operations)
        )
    return request.method == "GET"
