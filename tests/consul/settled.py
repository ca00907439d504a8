"""Settings as `connect()` has them made, for these tests: from a URL, options and a given environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from coordination.options import options_of
from coordination.stores.consul.settings import Settings, settings_of
from tests.showing import refusal


def settings(url: str, environment: Mapping[str, str] | None = None, **options: Any) -> Settings:
    """The URL's own options are added to the others, and every one is taken."""
    parts = urlsplit(url)
    taken = {**options_of(parts), **options}
    made = settings_of(parts, taken, environment=environment or {})
    assert not taken, "every option that it knows is taken"
    return made


def refused(url: str, environment: Mapping[str, str] | None = None, **options: Any) -> str:
    """Why; the error shows no secret, nor does what it may be chained to."""
    return refusal(lambda: settings(url, environment, **options))
