"""The acceptance cases of leaders, members and pools, on every store and on both faces."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from benchmarks.prove.contracts import WORKERS
from benchmarks.prove.figure import Figure
from benchmarks.prove.suite import Suite, run
from coordination.testing import LeaderContract, MembershipContract, PoolContract, contract_tests
from integration.servers.faces import faces
from integration.servers.kinds import CONSUL, ETCD, Kind
from integration.servers.ways import variants

LOCAL = ("memory", "files")
FACES = 2


class Contract(NamedTuple):
    """A suite, where its tests are on stores without a server, and where on servers."""

    suite: type[Any]
    folder: str
    file: str

    def cases(self, kind: Kind) -> int:
        """How many tests there are on all servers of a kind; faces take turns over its variants."""
        return len(faces(kind)) * len(contract_tests(self.suite)) * len(variants(kind))


CONTRACTS = (
    Contract(LeaderContract, "leading", "test_leading.py"),
    Contract(MembershipContract, "members", "test_membership.py"),
    Contract(PoolContract, "pooling", "test_pool.py"),
)


def figures() -> Iterator[Figure]:
    """One contract after the other on each store; both kinds of servers at the same time, for they wait."""
    for contract in CONTRACTS:
        for store in LOCAL:
            yield run(on_this_machine(contract, store)).figure()
        with ThreadPoolExecutor(2) as pool:
            for ran in pool.map(lambda kind, of=contract: run(on_servers(of, kind)), (ETCD, CONSUL)):
                yield ran.figure()


def on_this_machine(contract: Contract, store: str) -> Suite:
    """On a store that needs no server."""
    title = f"{contract.suite.__name__} on {store}, blocking and asyncio"
    cases = FACES * len(contract_tests(contract.suite))
    return Suite(title, cases, ("-n", "2", f"tests/{contract.folder}/test_{store}.py"))


def on_servers(contract: Contract, kind: Kind) -> Suite:
    """On each that there is."""
    names = ", ".join(server.name for server in variants(kind))
    arguments = ("-n", WORKERS, "--dist", "loadgroup", f"integration/{kind.name}/{contract.file}")
    title = f"{contract.suite.__name__} on {kind.name}, blocking and asyncio in turn: {names}"
    return Suite(title, contract.cases(kind), arguments)
