"""What holds for every suite: tests marked `root` run as root on Linux, and in CI nothing may be skipped.

A skip hides a broken machine as well as it hides a broken program. So on a developer's machine the
`root` tests alone are skipped, with the reason, and under CI=true any skip at all fails the run.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import pytest

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
