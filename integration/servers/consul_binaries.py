"""Where a Consul comes from: any version on the PATH, else the last one that Debian had, 1.8.7."""

from __future__ import annotations

from pathlib import Path

from integration.servers.binaries import ANY, Program

CONSUL = Program(
    name="consul",
    beside=(),
    ask="version",
    says=r"Consul v(\S+)",
    packages=("consul",),
    suites={ANY: "bullseye"},  # later ones have none; it needs no library but a libc
    given="COORDINATION_TEST_CONSUL",
)


def consul_binary() -> Path:
    """Some Consul. `NoServer` if there is none to be had."""
    return CONSUL.binary()
