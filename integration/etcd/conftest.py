"""The servers of these tests: one for whoever needs some etcd, and every variant for whole suites.

Each is started once in a session, or once in each worker of pytest-xdist. There, a variant's tests
stay together, and so do those of a file: `pytest -n 5 --dist loadgroup integration/etcd` runs the
variants side by side.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from integration.servers.report import WaysReport, note
from integration.servers.ways import Server, Variant, first_variant, prepare, serve, variants


def pytest_configure(config: pytest.Config) -> None:
    """Tell at the end which servers were used; workers of pytest-xdist leave that to their controller."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(WaysReport())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Who asks for `variant` runs on each of them."""
    if "variant" in metafunc.fixturenames:
        on = [pytest.param(it, id=it.name, marks=pytest.mark.xdist_group(it.name)) for it in variants()]
        metafunc.parametrize("variant", on, indirect=True, scope="session")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """A file's other tests stay together too: they share its servers, and do not disturb each other."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    yield
    _mend_groups(items)


def _mend_groups(items: list[pytest.Item]) -> None:
    """pytest-xdist writes a group into `_nodeid`, which pytest 9.2 and later keep elsewhere and ignore."""
    for item in items:
        grouped = getattr(item, "_nodeid", item.nodeid)
        if grouped != item.nodeid:
            item._id = type(item._id).parse(grouped)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Fetch the servers before the first test: on a slow line that takes longer than a test may."""
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        prepare()


@pytest.fixture(scope="session")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Some etcd of one node; shared, so use a prefix of your own and leave it running."""
    with serve(first_variant(), tmp_path_factory.mktemp("etcd")) as server:
        yield server


@pytest.fixture(scope="session")
def variant(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Each etcd that suites run on, one after the other; shared like `etcd`."""
    wanted: Variant = request.param
    with serve(wanted, tmp_path_factory.mktemp(wanted.name)) as server:
        yield server


@pytest.fixture(autouse=True)
def _noted(request: pytest.FixtureRequest) -> None:
    for name in ("etcd", "variant"):
        if name in request.fixturenames:
            note(request.node, "etcd", request.getfixturevalue(name))
