"""Where an etcd of a wanted version comes from: a binary on the PATH, else Debian's packages."""

from __future__ import annotations

from pathlib import Path

from integration.servers.binaries import Program

ETCD = Program(
    name="etcd",
    beside=("etcdctl",),
    ask="--version",
    says=r"etcd Version: (\S+)",
    packages=("etcd-server", "etcd-client"),
    # These need no library but a libc, and any of these years will do.
    suites={"3.4": "bookworm", "3.5": "trixie"},
    given="COORDINATION_TEST_ETCD",
)

VERSIONS = ETCD.versions
"""What is promised to work, and tested wherever it can be had."""


def etcd_binary(version: str) -> Path:
    """An etcd of `version` ("3.4"), with its etcdctl beside it. `NoServer` if there is none to be had."""
    return ETCD.binary(version)
