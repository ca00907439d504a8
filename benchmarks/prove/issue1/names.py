"""Ten thousand names, and arguments that can never work."""

from __future__ import annotations

import math
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.prove.figure import Figure, none_of
from coordination import ConfigurationError, connect
from coordination.record import decode_segment, encode_segment

COUNT = 10_000
AWKWARD = [
    *(
        "..",
        ".",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        "/a",
        "con",
        "NUL",
        "lpt1.txt",
        "a.",
        "a ",
        " a",
        "~",
    ),
    *(
        "%",
        "%2e",
        "%2F",
        "%~",
        ".coordination",
        "@data",
        "@ns",
        "a.json",
        "a.lock",
        "a.json.acquire.lock",
        "\0",
        "\n",
    ),
    *(
        "\\",
        "C:\\x",
        "a:b",
        "*?<>|",
        "ä",
        "a\u0308",
        "\u202e",
        "😀",
        "A",
        "a",
        "-rf",
        "${HOME}",
        "x" * 255,
        "😀" * 63,
    ),
]
ALPHABETS = [
    "abc",
    "aA",
    "./",
    "%2eEfF",
    "a\0\n\r\t\\",
    "äöü€",
    "😀\u200d\u0308\ufeff",
    "@~-_. :*?",
    "0123456789",
]
REFUSED: list[Any] = [0, -1, math.nan, math.inf, True, "5", None, 1e12]


def generated() -> list[str]:
    """Distinct names of up to 255 bytes, the awkward ones first."""
    source = random.Random(1)
    names = dict.fromkeys(AWKWARD)
    while len(names) < COUNT:
        alphabet = "".join(source.sample(ALPHABETS, 2))
        name = "".join(source.choices(alphabet, k=int(source.triangular(1, 120, 8))))
        if len(name.encode()) <= 255:
            names[name] = None
    return list(names)


def figures() -> Iterator[Figure]:
    """The encoding, the files, the refusals."""
    names = generated()
    segments = [encode_segment(name) for name in names]
    clashes = COUNT - len(set(segments))
    unreadable = sum(decode_segment(segment) != name for segment, name in zip(segments, names, strict=True))
    yield none_of("encoding injective", "clashes", clashes, f"{COUNT} names")
    yield none_of("encoding reversible", "names changed", unreadable, f"{COUNT} names")
    yield _files(names)
    yield _refusals()


def _files(names: list[str]) -> Figure:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "inner" / "leases"
        with connect(folder.as_uri() + "?durable=false") as manager:
            granted = [manager.acquire_lease(name, period=3600) is not None for name in names]
            listed = {lease.name for lease in manager.list_leases()}
            awkward = sum(
                (lease := manager.get_lease(name)) is None or lease.name != name for name in AWKWARD
            )
        outside = [path for path in Path(made).rglob("*") if folder not in path.parents and path != folder]
        stray = [path for path in outside if path != folder.parent]
        counts = {
            "names that shared a file": granted.count(False),
            "names missing from list_leases": len(set(names) - listed),
            "names listed but never taken": len(listed - set(names)),
            "awkward names not found again": awkward,
            "files outside the folder": len(stray),
            "files inside": sum(len(files) for _, _, files in os.walk(folder)),
        }
    bad = sum(value for name, value in counts.items() if name != "files inside")
    return none_of(
        "every name has a lease of its own, inside the folder", "exceptions", bad, f"{COUNT} names", **counts
    )


def _refusals() -> Figure:
    passed_through = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "never"
        manager = connect(folder.as_uri())
        for period in REFUSED:
            for call in (manager.acquire_lease, manager.wait_lease):
                try:
                    call("name", period=period)
                    passed_through.append(period)
                except ConfigurationError:
                    pass
        touched = folder.exists()
        manager.close()
    found = len(passed_through) + touched
    of = f"periods {REFUSED}"
    return none_of("ConfigurationError before any I/O", "accepted or touching the disk", found, of)
