"""Which face a suite runs on where: its cases wait for servers, so not both of them on every variant.

Neighbouring variants take turns: of two versions, each alone and as a cluster of three, each face has
each version and each size once. Where there is one variant only, it has both faces.

`make test` has no time for all of that. It runs each case on one of two versions: alone and as a cluster of
three, so on both faces. Where there is one version only, it runs it on one of the two sizes, so on one face.
`make prove` runs the others too.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import pytest

from integration.servers.kinds import Kind
from integration.servers.ways import variants

_IN_TURN = "in turn"


def faces(kind: Kind) -> list[str]:
    """The parameters of a fixture."""
    return [_IN_TURN] if len(variants(kind)) > 1 else ["blocking", "asyncio"]


def is_asyncio(request: pytest.FixtureRequest, kind: Kind) -> bool:
    """Whether it is asyncio's turn, in a fixture with those parameters, for a test of some variant."""
    if request.param != _IN_TURN:
        return bool(request.param == "asyncio")
    number = variants(kind).index(request.node.callspec.params["variant"])
    return bool((number + number // 2) % 2)


def takes_turns(item: pytest.Item) -> bool:
    """Whether it is a case of one of those suites, where there is more than one variant."""
    return bool(_params(item).get("harness") == _IN_TURN)


def repeats(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """What runs where it is not the case's turn; nothing of a case whose versions lack one of the sizes.

    The name of a case decides on its version or size, so that about half of each suite runs on each.
    """
    cases = defaultdict(list)
    for item in items:
        if takes_turns(item):
            cases[item.path, item.originalname].append(item)  # type: ignore[attr-defined]
    for (_, name), found in cases.items():
        on = [_params(item)["variant"] for item in found]
        versions = list(dict.fromkeys(variant.version for variant in on))
        if {(it.version, it.members) for it in on} != set(product(versions, (1, 3))):
            continue
        lots = versions if len(versions) > 1 else [1, 3]
        lot = lots[zlib.crc32(name.encode()) % len(lots)]
        yield from (
            it for it, variant in zip(found, on, strict=True) if lot not in (variant.version, variant.members)
        )


def _params(item: pytest.Item) -> dict[str, Any]:
    return getattr(getattr(item, "callspec", None), "params", {})
