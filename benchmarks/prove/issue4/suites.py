"""The acceptance cases of locks on every store and on both faces, and the two that need more than a store."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks.prove.contracts import WORKERS
from benchmarks.prove.figure import Figure
from benchmarks.prove.suite import Suite, run
from coordination.testing import RecipeContract, contract_tests
from integration.servers.kinds import CONSUL, ETCD, Kind
from integration.servers.ways import variants

FACES = 2
CASES = FACES * len(contract_tests(RecipeContract))
LOCAL = ("memory", "files")


def figures() -> Iterator[Figure]:
    """Each store's in a run of its own; those on servers wait more than they work, and share that."""
    for store in LOCAL:
        arguments = ("-n", "2", f"tests/recipes/test_{store}.py")
        yield run(Suite(f"RecipeContract on {store}, blocking and asyncio", CASES, arguments)).figure()
    suites = [suite(kind) for kind in (ETCD, CONSUL) for suite in (on_servers, beyond)]
    with ThreadPoolExecutor(len(suites)) as pool:
        for ran in pool.map(run, suites):
            yield ran.figure()


def on_servers(kind: Kind) -> Suite:
    """On each that there is, one face on each (integration/servers/faces.py); both where there is but one."""
    servers = variants(kind)
    names = ", ".join(server.name for server in servers)
    arguments = ("-n", WORKERS, "--dist", "loadgroup", f"integration/{kind.name}/test_recipes.py")
    title = f"RecipeContract on {kind.name}, blocking and asyncio in turn: {names}"
    cases = CASES // FACES * max(FACES, len(servers))
    return Suite(title, cases, arguments)


def beyond(kind: Kind) -> Suite:
    """A holder that is killed, and an endpoint that is down."""
    folder = f"integration/{kind.name}"
    arguments = (f"{folder}/test_lock_processes.py", f"{folder}/test_members.py", "-k", "d1_ or d15_")
    return Suite(f"D1 and D15 on {kind.name}", 2, arguments)
