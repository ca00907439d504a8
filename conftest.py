"""What holds for every suite: what the marks `root` and `untraced` do, and that in CI nothing may be skipped.

A skip hides a broken machine as well as it hides a broken program. So on a developer's machine the
`root` tests alone are skipped, with the reason, and under CI=true any skip at all fails the run.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# As hypothesis has it by itself where CI is set: a machine that is busy elsewhere is no failure.
settings.register_profile(
    "patient", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

# The shipped suites explain their failures like any other test: before anything imports them.
pytest.register_assert_rewrite(
    "coordination.testing", "integration.servers.cluster_suite", "integration.faults"
)


def _trace_patiently() -> None:
    """Let a thread that begins while another begins try again: Python 3.11 lets it die where it is traced.

    There sys.settrace fails while another thread is in it (cpython#98257), which an audit hook such as
    filelock's makes likely on a busy machine; coverage has each new thread call it.
    """
    at_once = sys.settrace

    def patiently(function: Any) -> None:
        for _ in range(1000):
            try:
                return at_once(function)
            except RuntimeError:
                time.sleep(0.001)
        return at_once(function)

    sys.settrace = patiently


if sys.version_info < (3, 12):
    _trace_patiently()


def _is_linux_root() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs root where we are not root; the reason says how to run it."""
    if item.get_closest_marker("root") and not _is_linux_root():
        pytest.skip("needs root on Linux (namespaces, small tmpfs): sudo make test")


class _Measuring:
    """Whether coverage is measured, if it is at all: in this process, and in those started from it."""

    _HANDED_ON = "COVERAGE_PROCESS_CONFIG"

    def __init__(self) -> None:
        coverage = sys.modules.get("coverage")
        self._coverage = None if coverage is None else coverage.Coverage.current()
        self._on = self._coverage is not None
        self._configuration = os.environ.get(self._HANDED_ON)

    def switch(self, on: bool) -> None:
        """On or off from now on; threads that run already stay as they are."""
        if self._coverage is None or self._on == on:
            return
        self._on = on
        if on:
            if self._configuration is not None:
                os.environ[self._HANDED_ON] = self._configuration
            self._coverage.start()
        else:
            os.environ.pop(self._HANDED_ON, None)
            self._coverage.stop()
            self._coverage.save()  # A child of fork saves at its end what it finds: now that is nothing.


_MEASURING = _Measuring()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Of pytest-xdist's workers one measures what importing runs: collecting takes twice as long measured."""
    _MEASURING.switch(os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0")
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """`untraced` tests go thousands of times over lines that others cover: coverage would quadruple that."""
    _MEASURING.switch(item.get_closest_marker("untraced") is None)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under CI=true a skipped or expectedly failing test fails the session."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("CI") != "true":
        return
    unrun = [report.nodeid for kind in ("skipped", "xfailed") for report in reporter.stats.get(kind, ())]
    if unrun and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"CI allows no skipped test: {', '.join(unrun)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
