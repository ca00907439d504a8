"""The fixtures that each kind of server has, for its conftest: some server, every variant, the notes.

Each server is started once in a session, or once in each worker of pytest-xdist. Whoever uses one
shares it: so use a prefix of your own, and leave it running.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integration.servers.kinds import Kind
from integration.servers.report import note
from integration.servers.ways import Server, Variant, first_variant, serve


def some_server(kind: Kind) -> Any:
    """A fixture for whoever needs some server of one node: the first way that works here."""

    @pytest.fixture(scope="session", name=kind.name)
    def some(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
        with serve(kind, first_variant(kind), tmp_path_factory.mktemp(kind.name)) as server:
            yield server

    return some


def each_variant(kind: Kind) -> Any:
    """The fixture `variant`: each server that suites run on, one after the other."""

    @pytest.fixture(scope="session", name="variant")
    def each(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
        wanted: Variant = request.param
        with serve(kind, wanted, tmp_path_factory.mktemp(wanted.name)) as server:
            yield server

    return each


def notes(kind: Kind) -> Any:
    """A fixture that has report.py tell on which server each test ran that used one of these."""

    @pytest.fixture(autouse=True)
    def noted(request: pytest.FixtureRequest) -> None:
        for name in (kind.name, "variant"):
            if name in request.fixturenames:
                note(request.node, kind, request.getfixturevalue(name))

    return noted
