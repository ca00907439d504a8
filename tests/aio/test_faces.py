"""Both faces have the same calls: names, parameters, defaults; and exactly those that do I/O are awaited."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import coordination
from coordination import aio
from tests.aio.faces import ANSWERS, INTERNAL, PAIRS, TAKES

CONTEXT = [("__enter__", "__aenter__"), ("__exit__", "__aexit__")]

IDS = [blocking.__name__ for blocking, _, _ in PAIRS]


def _public(face: type) -> set[str]:
    return {name for name in dir(face) if not name.startswith("_")} - set(INTERNAL.get(face.__name__, ()))


def _shape(function: Callable[..., Any]) -> list[tuple[str, Any, Any, Any]]:
    parameters = inspect.signature(function).parameters.values()
    return [(it.name, it.kind, it.default, it.annotation) for it in parameters]


@pytest.mark.parametrize(("blocking", "asynchronous", "_io"), PAIRS, ids=IDS)
def test_both_have_the_same_names(blocking: type, asynchronous: type, _io: set[str]) -> None:
    """A call that one face lacks, or that is for its own use, is entered above with the reason."""
    assert _public(blocking) == _public(asynchronous)


@pytest.mark.parametrize(("blocking", "asynchronous", "_io"), PAIRS, ids=IDS)
def test_nothing_is_excused_that_is_not_there(blocking: type, asynchronous: type, _io: set[str]) -> None:
    """Each of the exceptions is on one face, and not on both."""
    for name in INTERNAL.get(blocking.__name__, ()):
        assert hasattr(blocking, name) != hasattr(asynchronous, name), name


@pytest.mark.parametrize(("blocking", "asynchronous", "io"), PAIRS, ids=IDS)
def test_exactly_what_asks_the_store_is_awaited(blocking: type, asynchronous: type, io: set[str]) -> None:
    """And on the blocking face nothing is."""
    awaited = {name for name in _public(asynchronous) if _is_awaited(asynchronous, name)}
    assert awaited == io
    assert not [name for name in _public(blocking) if _is_awaited(blocking, name)]


def _is_awaited(face: type, name: str) -> bool:
    return inspect.iscoroutinefunction(inspect.getattr_static(face, name))


@pytest.mark.parametrize(("blocking", "asynchronous", "_io"), PAIRS, ids=IDS)
def test_methods_take_and_answer_the_same(blocking: type, asynchronous: type, _io: set[str]) -> None:
    """The same parameters in the same order, with the same kinds, defaults and types."""
    methods = [name for name in _public(blocking) if inspect.isfunction(getattr(blocking, name))]
    assert methods
    for name in methods:
        one, other = getattr(blocking, name), getattr(asynchronous, name)
        taken, awaited = TAKES.get(name, ("", ""))
        shapes = [(*it[:3], awaited if it[3] == taken else it[3]) for it in _shape(one)]
        assert shapes == _shape(other), name
        answers = tuple(inspect.signature(it).return_annotation for it in (one, other))
        expected = ANSWERS.get(f"{blocking.__name__}.{name}", (answers[0], answers[0]))
        assert answers == expected, name


@pytest.mark.parametrize(("blocking", "asynchronous", "_io"), PAIRS, ids=IDS)
def test_properties_are_properties_of_the_same_type(
    blocking: type, asynchronous: type, _io: set[str]
) -> None:
    """`held` and the like are never awaited, and never called."""
    kinds = {name: inspect.getattr_static(blocking, name) for name in _public(blocking)}
    properties = [name for name, it in kinds.items() if isinstance(it, property)]
    for name in properties:
        other = inspect.getattr_static(asynchronous, name)
        assert isinstance(other, property), name
        assert _type(kinds[name]) == _type(other), name


def _type(it: property) -> object:
    assert it.fget is not None
    return inspect.signature(it.fget).return_annotation


@pytest.mark.parametrize(("blocking", "asynchronous", "_io"), PAIRS, ids=IDS)
def test_with_becomes_async_with(blocking: type, asynchronous: type, _io: set[str]) -> None:
    """And the plain `with` is refused, rather than to block the loop."""
    for name, awaited in CONTEXT:
        if not hasattr(blocking, name):
            assert blocking.__name__ in {"Leader", "LockScheduler", "Once", "Pool", "Reconciler"}
            assert not hasattr(asynchronous, awaited)
            continue
        assert _shape(getattr(blocking, name)) == _shape(getattr(asynchronous, awaited))
        assert inspect.iscoroutinefunction(getattr(asynchronous, awaited))
        assert not hasattr(asynchronous, name)


def test_connect_takes_the_same() -> None:
    """And is no coroutine on either face: nothing is contacted by it."""
    assert _shape(coordination.connect) == _shape(aio.connect)
    assert not inspect.iscoroutinefunction(aio.connect)


def test_every_class_of_the_second_face_is_compared() -> None:
    """Whatever `coordination.aio` shows is in `coordination` under the same name, and entered in `PAIRS`."""
    compared = {asynchronous.__name__: asynchronous for _, asynchronous, _ in PAIRS}
    assert {name for name in aio.__all__ if name != "connect"} == compared.keys()
    for blocking, asynchronous, _ in PAIRS:
        assert getattr(coordination, blocking.__name__) is blocking
        assert getattr(aio, asynchronous.__name__) is asynchronous
    assert {*aio.__all__} <= {*coordination.__all__}
