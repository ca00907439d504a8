"""In which way a test gets its server: one given, a container, a binary on the PATH, Debian's packages.

The first that works here, in that order. COORDINATION_TEST_ETCD_WAY (or …_CONSUL_WAY) pins a run to
one of them, which then works or fails. Which way each suite ran is reported at the end (report.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from integration.servers.binaries import ANY, NoServer
from integration.servers.debian import is_debian
from integration.servers.engine import container_of, containers_work
from integration.servers.kinds import Kind, Started

WAYS = ("given", "container", "binary", "debian")

_SIZES = {"one": 1, "three": 3}


@dataclass(frozen=True)
class Variant:
    """A server that suites run on. `version` is `ANY` where the way decides on it."""

    name: str
    version: str = ANY
    members: int = 1


@dataclass(frozen=True)
class Server:
    """A server that runs. `cluster` is there if it was started by us as processes."""

    way: str
    version: str
    members: int
    url: str
    cluster: Started | None = None

    @property
    def member_urls(self) -> list[str]:
        """Its URL, for each member alone."""
        scheme, _, rest = self.url.partition("://")
        hosts, slash, prefix = rest.partition("/")
        user, at, members = hosts.rpartition("@")
        return [f"{scheme}://{user}{at}{member}{slash}{prefix}" for member in members.split(",")]


GIVEN = Variant("given")
CONTAINER = Variant("container")


def variants(kind: Kind) -> list[Variant]:
    """What contract and fleet suites run on here.

    A server given is the only one. Otherwise a container, if there is Docker, and every version
    that processes can be had of, alone and as a cluster of three; if nothing can be had at all,
    these are tried nevertheless, and say so.
    """
    way = _pinned(kind)
    if way == "given" or (way is None and _endpoints(kind)):
        return [GIVEN]
    if way == "container":
        return [CONTAINER]
    contained = way is None and containers_work(kind.name)
    versions = _versions(kind, way) or (() if contained else kind.program.versions)
    clusters = [
        Variant(f"{version}-{size}".removeprefix("-"), version, count)
        for version in versions
        for size, count in _SIZES.items()
    ]
    return [CONTAINER, *clusters] if contained else clusters


def prepare(kind: Kind) -> None:
    """Fetch what is missing, before tests whose time is limited; what cannot be had they will say."""
    for version in {variant.version for variant in variants(kind) if variant not in (GIVEN, CONTAINER)}:
        with suppress(NoServer):
            _binary(kind, version)


def first_variant(kind: Kind) -> Variant:
    """For tests that need some server, of one node: the first way that works here."""
    return variants(kind)[0]


@contextmanager
def serve(kind: Kind, variant: Variant, folder: Path) -> Iterator[Server]:
    """Run it for the length of a `with`; `folder` is for its data. `NoServer` says how to get one."""
    if variant == GIVEN:
        yield _given(kind)
    elif variant == CONTAINER:
        with container_of(kind.name) as container:
            yield Server("container", kind.version_at(container.endpoint), 1, container.url)
    else:
        way, binary = _binary(kind, variant.version)
        with kind.start(binary, folder, variant.members) as cluster:
            version = kind.version_at(cluster.endpoints[0])
            yield Server(way, version, variant.members, cluster.url, cluster)


def _pinned(kind: Kind) -> str | None:
    way = os.environ.get(kind.pin) or None
    if way is not None and way not in WAYS:
        raise NoServer(f"{kind.pin} is {way!r}; it can be {', '.join(WAYS)}")
    return way


def _endpoints(kind: Kind) -> str:
    return os.environ.get(kind.endpoints, "").strip().rstrip("/")


def _versions(kind: Kind, way: str | None) -> tuple[str, ...]:
    """Of which processes can be started here."""
    if way != "binary" and is_debian():
        return kind.program.versions
    return () if way == "debian" else tuple(sorted(kind.program.on_path()))


def _binary(kind: Kind, version: str) -> tuple[str, Path]:
    way, program = _pinned(kind), kind.program
    found = None if way == "debian" else program.on_path().get(version)
    if found is not None:
        return "binary", found
    if way == "binary":
        reason = f"{kind.pin} is binary, and no {f'{kind.name} {version}'.rstrip()} is on the PATH"
        raise NoServer(program.how_to_get_one(reason))
    return "debian", program.from_debian(version)


def _given(kind: Kind) -> Server:
    endpoints = _endpoints(kind)
    if not endpoints:
        reason = f"{kind.pin} is given, but {kind.endpoints} is not set"
        raise NoServer(kind.program.how_to_get_one(reason))
    url = endpoints if "://" in endpoints else f"{kind.name}://{endpoints}"
    hosts = url.partition("://")[2].partition("/")[0].rpartition("@")[2].split(",")
    return Server("given", kind.version_at(hosts[0]), len(hosts), url)
