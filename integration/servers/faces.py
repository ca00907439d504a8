"""Which face a suite runs on where: its cases wait for servers, so not both of them on every variant.

Neighbouring variants take turns: of two versions, each alone and as a cluster of three, each face has
each version and each size once. Where there is one variant only, it has both faces.
"""

from __future__ import annotations

import pytest

from integration.servers.kinds import Kind
from integration.servers.ways import variants


def faces(kind: Kind) -> list[str]:
    """The parameters of a fixture."""
    return ["in turn"] if len(variants(kind)) > 1 else ["blocking", "asyncio"]


def is_asyncio(request: pytest.FixtureRequest, kind: Kind) -> bool:
    """Whether it is asyncio's turn, in a fixture with those parameters, for a test of some variant."""
    if request.param != "in turn":
        return bool(request.param == "asyncio")
    number = variants(kind).index(request.node.callspec.params["variant"])
    return bool((number + number // 2) % 2)
