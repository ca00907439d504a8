"""What the conftests of each kind of server share of pytest's hooks.

By `--dist loadgroup` pytest-xdist keeps a file's tests on a variant together, and others of a file: they
share their servers, and do not disturb each other. A conftest imports that hook from here as its own; it
is called once for each that does, with all items, and the second time finds nothing left to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator

import pytest

from integration.servers.faces import repeats, takes_turns
from integration.servers.kinds import Kind
from integration.servers.ways import prepare, variants

_FIRST = ("forks", "members", "contenders", "watch-load")
"""How the groups end that take longest for their number of tests, which is what the others are sorted by."""


def on_each_variant(metafunc: pytest.Metafunc, kind: Kind) -> None:
    """Who asks for `variant` runs on each of them; coverage, the same on all, is measured on the last."""
    if "variant" not in metafunc.fixturenames:
        return
    file, found = metafunc.definition.path.stem, variants(kind)
    on = []
    for it in found:
        marks = [pytest.mark.xdist_group(f"{kind.name}-{it.name}-{file}")]
        if it is not found[-1]:
            marks.append(pytest.mark.untraced)
        on.append(pytest.param(it, id=it.name, marks=marks))
    metafunc.parametrize("variant", on, indirect=True, scope="session")


def fetch_first(session: pytest.Session, kind: Kind) -> None:
    """Fetch the servers before the first test: on a slow line that takes longer than a test may."""
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        prepare(kind)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Those of a file that belong to no variant stay together; the longest groups come first.

    What only repeats a case on another version is marked, so that `-m "not again"` leaves it out.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(f"{item.path.parent.name}-{item.path.stem}"))
    for item in repeats(items):
        item.add_marker(pytest.mark.again)
    for item in filter(takes_turns, items):
        item.add_marker(pytest.mark.untraced)  # The same cases are measured in tests/, on memory.
    yield
    if items and hasattr(items[0].config, "workerinput"):
        sizes = Counter(map(_group, items))
        items.sort(key=lambda item: (not _group(item).endswith(_FIRST), -sizes[_group(item)]))
    _mend_groups(items)


def _group(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    return "" if mark is None else str(mark.args[0])


def _mend_groups(items: list[pytest.Item]) -> None:
    """pytest-xdist writes a group into `_nodeid`, which pytest 9.2 and later keep elsewhere and ignore."""
    for item in items:
        grouped = getattr(item, "_nodeid", item.nodeid)
        if grouped != item.nodeid:
            item._id = type(item._id).parse(grouped)
