"""Says at the end of a session on which server, and had in which way, each suite ran.

    etcd: StoreContract ran on 3.4.23, 1 member, debian: 83 passed

The same as JSON lines goes to the file that COORDINATION_WAYS_FILE names, for `.ci/run` to check.
It travels with each test's report, so that it arrives from the workers of pytest-xdist too. A conftest
imports `pytest_configure` from here.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from integration.servers.kinds import Kind
from integration.servers.ways import Server

FILE = "COORDINATION_WAYS_FILE"

FACES = 2
"""Some suites run on both faces, so each of their tests is there twice."""

_PROPERTY = "ran_on"


def pytest_configure(config: pytest.Config) -> None:
    """Tell at the end which servers were used; workers of pytest-xdist leave that to their controller."""
    if not hasattr(config, "workerinput") and not config.pluginmanager.has_plugin(__name__):
        config.pluginmanager.register(WaysReport(), __name__)


def note(item: pytest.Item, kind: Kind, server: Server) -> None:
    """This test runs on `server`, one of `kind`."""
    for suite, tests in _suites(item).items():
        ran = {
            "server": kind.name,
            "suite": suite,
            "version": server.version,
            "members": server.members,
            "way": server.way,
            "tests": tests,
        }
        item.user_properties.append((_PROPERTY, json.dumps(ran)))


class WaysReport:
    """A plugin that counts, and tells at the end."""

    def __init__(self) -> None:
        self._outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what the test itself came to, or what kept it from running or ending well."""
        if report.when == "call" or report.failed:
            for name, value in report.user_properties:
                if name == _PROPERTY:
                    self._outcomes[str(value)][report.outcome] += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """A line for each suite and server."""
        lines = [json.loads(ran) | dict(counts) for ran, counts in sorted(self._outcomes.items())]
        for ran in lines:
            terminalreporter.write_line(_sentence(ran))
        if lines and FILE in os.environ:
            with Path(os.environ[FILE]).open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(ran) + "\n" for ran in lines)


def _sentence(ran: dict[str, Any]) -> str:
    where = f"{ran['version']}, {ran['members']} member{'' if ran['members'] == 1 else 's'}, {ran['way']}"
    counts = [f"{ran[outcome]} {outcome}" for outcome in ("passed", "failed", "skipped") if outcome in ran]
    whole = ran["tests"] is None or ran.get("passed", 0) in (ran["tests"], FACES * ran["tests"])
    size = "" if whole else f" of {ran['tests']}"
    return f"{ran['server']}: {ran['suite']} ran on {where}: {', '.join(counts)}{size}"


def _suites(item: pytest.Item) -> dict[str, int | None]:
    """The shipped suites this test belongs to, with how many tests each has; else the name of its file."""
    from coordination.testing import (
        contract_tests,
    )  # late: a conftest.py first has pytest rewrite its asserts

    function = getattr(item, "originalname", item.name)
    bases = getattr(getattr(item, "cls", None), "__mro__", ())
    contracts = [base for base in bases if _is_whole_suite(base) and function in contract_tests(base)]
    if contracts:
        return {contract.__name__: len(contract_tests(contract)) for contract in contracts}
    return {item.path.stem: None}


def _is_whole_suite(base: type) -> bool:
    shipped = base.__module__.startswith("coordination.testing.")
    return shipped and base.__name__.removesuffix("Contract") not in ("", base.__name__)
