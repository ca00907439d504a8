"""In which way a test gets its etcd: one given, a container, a binary on the PATH, Debian's packages.

The first that works here, in that order. COORDINATION_TEST_ETCD_WAY pins a run to one of them, which
then works or fails. Which way each suite ran is reported at the end (report.py).
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from integration.servers.debian import is_debian
from integration.servers.engine import containers_work
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import VERSIONS, NoServer, from_debian, how_to_get_one, on_path

WAYS = ("given", "container", "binary", "debian")

ENDPOINTS = "COORDINATION_TEST_ETCD"
PIN = "COORDINATION_TEST_ETCD_WAY"

_SIZES = {"one": 1, "three": 3}


@dataclass(frozen=True)
class Variant:
    """A server that suites run on. `version` is "" where the way decides on it."""

    name: str
    version: str = ""
    members: int = 1


@dataclass(frozen=True)
class Server:
    """A server that runs. `cluster` is there if it was started by us as processes."""

    way: str
    version: str
    members: int
    url: str
    cluster: EtcdCluster | None = None


GIVEN = Variant("given")
CONTAINER = Variant("container")


def variants() -> list[Variant]:
    """What contract and fleet suites run on here.

    A server given is the only one. Otherwise a container, if there is Docker, and every version
    that processes can be had of, alone and as a cluster of three; if nothing can be had at all,
    these are tried nevertheless, and say so.
    """
    way = _pinned()
    if way == "given" or (way is None and _endpoints()):
        return [GIVEN]
    if way == "container":
        return [CONTAINER]
    contained = way is None and containers_work()
    versions = _versions(way) or (() if contained else VERSIONS)
    clusters = [
        Variant(f"{version}-{size}", version, count) for version in versions for size, count in _SIZES.items()
    ]
    return [CONTAINER, *clusters] if contained else clusters


def prepare() -> None:
    """Fetch what is missing, before tests whose time is limited; what cannot be had they will say."""
    for version in {variant.version for variant in variants() if variant.version}:
        with suppress(NoServer):
            _binary(version)


def first_variant() -> Variant:
    """For tests that need some etcd, of one node: the first way that works here."""
    return variants()[0]


@contextmanager
def serve(variant: Variant, folder: Path) -> Iterator[Server]:
    """Run it for the length of a `with`; `folder` is for its data. `NoServer` says how to get one."""
    if variant == GIVEN:
        yield _given()
    elif variant == CONTAINER:
        from coordination.testing.containers import EtcdContainer

        with EtcdContainer() as container:
            yield Server("container", _version_at(container.endpoint), 1, container.url)
    else:
        way, binary = _binary(variant.version)
        with EtcdCluster(binary, folder, variant.members) as cluster:
            version = _version_at(cluster.endpoints[0])
            yield Server(way, version, variant.members, cluster.url, cluster)


def _pinned() -> str | None:
    way = os.environ.get(PIN) or None
    if way is not None and way not in WAYS:
        raise NoServer(f"{PIN} is {way!r}; it can be {', '.join(WAYS)}")
    return way


def _endpoints() -> str:
    return os.environ.get(ENDPOINTS, "").strip().rstrip("/")


def _versions(way: str | None) -> tuple[str, ...]:
    """Of which processes can be started here."""
    if way != "binary" and is_debian():
        return VERSIONS
    return () if way == "debian" else tuple(sorted(on_path()))


def _binary(version: str) -> tuple[str, Path]:
    way = _pinned()
    found = None if way == "debian" else on_path().get(version)
    if found is not None:
        return "binary", found
    if way == "binary":
        raise NoServer(how_to_get_one(f"{PIN} is binary, and no etcd {version} is on the PATH"))
    return "debian", from_debian(version)


def _given() -> Server:
    endpoints = _endpoints()
    if not endpoints:
        raise NoServer(how_to_get_one(f"{PIN} is given, but {ENDPOINTS} is not set"))
    url = endpoints if "://" in endpoints else f"etcd://{endpoints}"
    hosts = url.partition("://")[2].partition("/")[0].rpartition("@")[2].split(",")
    return Server("given", _version_at(hosts[0]), len(hosts), url)


def _version_at(endpoint: str) -> str:
    """What the server says of itself; "unknown" if it does not say so to strangers (TLS)."""
    connection = http.client.HTTPConnection(endpoint, timeout=5)
    try:
        connection.request("GET", "/version")
        return str(json.loads(connection.getresponse().read())["etcdserver"])
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return "unknown"
    finally:
        connection.close()
