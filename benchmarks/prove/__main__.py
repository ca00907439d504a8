"""`make prove ISSUE=n`: measure every figure, print it, keep it, and exit with 1 on a miss.

    python -m benchmarks.prove 1            every topic of issue 1
    python -m benchmarks.prove 1 speed      one topic

Results go to benchmarks/results/issueN.json; a run of single topics does not replace that file.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.prove.figure import Figure

RESULTS = Path(__file__).parents[1] / "results"


def main(arguments: list[str]) -> int:
    """Run the topics asked for."""
    parser = argparse.ArgumentParser(prog="make prove")
    parser.add_argument("issue", type=int)
    parser.add_argument("topics", nargs="*")
    asked = parser.parse_args(arguments)
    try:
        topics = importlib.import_module(f"benchmarks.prove.issue{asked.issue}").TOPICS
    except ModuleNotFoundError:
        parser.error(f"there are no figures for issue {asked.issue}")
    figures: dict[str, list[Figure]] = {}
    for entry in asked.topics or topics:
        figures.update(_side_by_side(asked.issue, (entry,) if isinstance(entry, str) else entry))
    if not asked.topics:
        _keep(asked.issue, figures)
    missed = [figure.name for found in figures.values() for figure in found if not figure.passed]
    print(f"\n{sum(map(len, figures.values())) - len(missed)} passed, {len(missed)} failed")
    return 1 if missed else 0


def _side_by_side(issue: int, topics: Sequence[str]) -> dict[str, list[Figure]]:
    """Topics that mostly wait share their waiting: an entry of TOPICS may be several names."""
    with ThreadPoolExecutor(len(topics)) as pool:
        return dict(zip(topics, pool.map(lambda topic: _measure(issue, topic), topics), strict=True))


def _measure(issue: int, topic: str) -> list[Figure]:
    started = time.monotonic()
    try:
        found = list(importlib.import_module(f"benchmarks.prove.issue{issue}.{topic}").figures())
    except Exception as error:  # noqa: BLE001 - a topic that breaks is a miss; the others still count
        traceback.print_exc()
        found = [Figure(f"{topic} ran to its end", "no error", repr(error), passed=False)]
    for figure in found:
        print(*figure.lines(), sep="\n", flush=True)
    print(f"  ({topic}: {time.monotonic() - started:.0f} s)", flush=True)
    return found


def _keep(issue: int, figures: dict[str, list[Figure]]) -> None:
    machine = f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    kept = {topic: [figure.as_json() for figure in found] for topic, found in figures.items()}
    content = {"issue": issue, "machine": machine, "unix_time": round(time.time()), "figures": kept}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"issue{issue}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
