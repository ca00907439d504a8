"""Values of the user's own as text."""

from __future__ import annotations

import math
from typing import Any

import pytest

from coordination import ConfigurationError, payloads

VALUES: list[Any] = [None, b"", b"\x00\xff", "", "j", "ünï", 0, -1.5, True, [], [1, [None]], {"a": {"b": 2}}]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back(value: Any) -> None:
    """As what it was, bytes as bytes."""
    back = payloads.decode(payloads.encode(value))
    assert (back, type(back)) == (value, type(value))


def _round() -> list[Any]:
    inside: list[Any] = []
    inside.append(inside)
    return inside


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, math.nan, math.inf, "\ud800", _round()], ids=lambda it: type(it).__name__
)
def test_what_cannot_be_kept_is_refused(value: object) -> None:
    """Before anything is written."""
    with pytest.raises(ConfigurationError):
        payloads.encode(value)


@pytest.mark.parametrize("text", ["", "x", "j", "j{", "bü", "b1", "plain"])
def test_a_text_of_somebody_else(text: str) -> None:
    """It is an error of ours, not of some codec."""
    with pytest.raises(ConfigurationError):
        payloads.decode(text)
