"""Evil names by the dozen and generated ones by the thousand: what is asked for on their behalf."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice

from benchmarks.prove.children import calling, line
from benchmarks.prove.figure import Figure, none_of
from benchmarks.prove.issue3.servers import cluster
from coordination import connect
from integration.consul.evil_names import EVIL, generated, live_through, stray
from integration.servers.http_proxy import HttpProxy

GENERATED = 10_000
WORKERS = 4
AT_A_TIME = 100
"""Names until what was recorded is judged, and forgotten."""

PREFIX = "our/prefix"


def live(endpoint: str, worker: str) -> None:
    """Use every fourth name for everything, through a proxy of its own; say what that asked for."""
    mine = islice([*EVIL, *generated(GENERATED)], int(worker), None, WORKERS)
    names, paths, astray, statuses = 0, Counter[str](), list[str](), Counter[int]()
    while batch := list(islice(mine, AT_A_TIME)):
        with HttpProxy(endpoint) as way:
            with connect(f"consul://{way.endpoint}/{PREFIX}", timeout=20.0) as manager:
                for name in batch:
                    live_through(manager, name)
            names += len(batch)
            paths.update("/".join(it.path.split("/")[:4]) for it in way.requests)
            astray += stray(way.requests, PREFIX)
            statuses += way.statuses
    print(json.dumps({"names": names, "paths": paths, "astray": astray, "statuses": statuses}), flush=True)


def figures() -> Iterator[Figure]:
    """Several programs, and one server which must be as it was before."""
    with cluster() as node, ExitStack() as ends:
        workers = [
            ends.enter_context(calling(live, node.endpoints[0], str(number))) for number in range(WORKERS)
        ]
        reports = [json.loads(line(worker)) for worker in workers]
        left = node.ask("GET", "/v1/kv/?keys") or []
        checks = node.ask("GET", "/v1/agent/checks")
    paths = sum((Counter(report["paths"]) for report in reports), Counter[str]())
    statuses = sum((Counter(report["statuses"]) for report in reports), Counter[str]())
    astray = [request for report in reports for request in report["astray"]]
    names = sum(report["names"] for report in reports)
    whole = len(EVIL) + GENERATED
    what = f"{len(EVIL)} evil and {GENERATED} generated names"
    yield Figure(f"{what}: leases of their own", f"{whole} names", f"{names}", names == whole)
    asked = f"{paths.total()} requests"
    examples = dict.fromkeys(astray[:10], "astray")
    yield none_of(f"{what}: what is no lock's business", "requests", len(astray), asked, **paths, **examples)
    redirects = [status for status in statuses if status.startswith("3")]
    yield none_of(f"{what}: redirects", "kinds", len(redirects), asked, **statuses)
    elsewhere = [*checks, *(key for key in left if not key.startswith(f"{PREFIX}/"))]
    yield none_of(
        f"{what}: keys elsewhere, checks of the agent", "found", len(elsewhere), f"{len(left)} keys"
    )
