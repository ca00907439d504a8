"""Which ring each part of the package belongs to: the layers of the design, as data.

A part is a module or folder right under `coordination/`. Imports point to the same ring or downwards.
A new part is entered here, with the ring it is meant for, before its first import passes.
"""

from __future__ import annotations

PARTS = {
    0: (
        "errors clock timing hooks events process threads interrupts state_folder hidden options "
        "addresses pem forking"
    ),
    1: "store record value rows contention runtime payloads titles",
    2: (
        "registry lease session heartbeat watch notifier grant outcomes renewal release fate arguments beat "
        "keeper watchdog belief facts batch rounds noticing ending sharing _blocking background"
    ),
    4: "recipes pooling waiting watching bell claim",
    5: (
        "_asyncio lock named_lock scoped hold scheduler standing term leader running reconciler group "
        "membership unit named_pool pool stopping"
    ),
    6: (
        "fencing locking electing gathering manager looking door aio connect target openers cli "
        "demo __main__ coordination"
    ),
    7: "testing",  # shipped, but used by tests alone
}
RING = {part: ring for ring, parts in PARTS.items() for part in parts.split()}

STORES = 2
"""Stores stand beside ring 2, each of them alone: they see rings 0 and 1 and themselves."""

NAMES_STORES = {"openers", "testing"}
"""The only parts that may import a store."""

ANYWHERE_LATE = {"structlog", "tenacity", "filelock"}
"""The core's dependencies: imported inside functions only, at first use."""

THIRD_PARTY = {
    "click": ("coordination.cli",),
    "rich": ("coordination.cli", "coordination.demo"),
    "grpc": ("coordination.stores.etcd",),
    "google": ("coordination.stores.etcd",),
    "urllib3": ("coordination.stores.consul",),
    "boto3": ("coordination.stores.dynamodb",),
    "botocore": ("coordination.stores.dynamodb",),
    "pytest": ("coordination.testing",),
    "hypothesis": ("coordination.testing",),
    "testcontainers": ("coordination.testing.containers",),
    "docker": ("coordination.testing.containers",),
}
"""Where every other third-party module may be imported."""


def part_of(module: str) -> str:
    """`lease` for coordination.lease, `stores.file` for what is in that folder."""
    parts = module.split(".")
    if len(parts) == 1:
        return parts[0]
    return ".".join(parts[1:3]) if parts[1] == "stores" else parts[1]


def ring_of(part: str) -> int | None:
    """The ring of a part; None where nobody has decided."""
    return STORES if part.split(".")[0] == "stores" else RING.get(part)
