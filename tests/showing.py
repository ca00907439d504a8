"""What an error shows: the tests' secret is `s3cret-w0rd`, and no part of it may be seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coordination.errors import ConfigurationError

SECRET = "s3cret-w0rd"


def refusal(call: Callable[[], object]) -> str:
    """What `ConfigurationError` says; neither it nor what it may be chained to shows the secret."""
    with pytest.raises(ConfigurationError) as caught:
        call()
    error: BaseException | None = caught.value
    while error is not None:
        assert not [part for part in SECRET.split("-") if part in f"{error!s} {error!r} {error.args!r}"]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return str(caught.value)
