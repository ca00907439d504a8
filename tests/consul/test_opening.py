"""Opening a store: what it takes, that nobody is contacted, and what is said of its files."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from coordination import ConfigurationError, connect
from coordination.stores.consul.opening import open_store
from integration.servers.certificates import Certificates
from integration.servers.hostile import Hostile, silent
from tests.fresh import opened, refused_without
from tests.showing import SECRET, refusal


def test_without_the_extra() -> None:
    """The message says what to install, at once."""
    why = refused_without("urllib3", "consul://one")
    assert why == "consul:// needs urllib3: pip install 'coordination[consul]'"


def test_nobody_is_contacted() -> None:
    """Connecting loads no urllib3, starts no thread, resolves no name, opens no socket."""
    imported, loaded, manager = opened("consul://127.0.0.1:9,nowhere.invalid:9/prefix", "urllib3")
    assert not imported + loaded
    assert manager.startswith("1 <")


def test_nobody_is_contacted_before_the_first_call() -> None:
    """Not even to say goodbye."""
    with Hostile(silent) as server:
        connect(f"consul://{server.endpoint}").close()
        assert server.connections == 0


@pytest.mark.parametrize("options", [{"cacart": "x"}, {"tls": True}, {"token": SECRET, "user": SECRET}])
def test_unknown_options(options: dict[str, object]) -> None:
    """A typing error is not ignored; its name is in the message, no value is."""
    [strange] = options.keys() - {"token"}
    why = f"unknown option {strange!r} for consul"
    assert refusal(lambda: connect("consul://one", **options)) == why  # type: ignore[arg-type]  # of any store
    assert refusal(lambda: open_store("consul://one", **options)) == why


def test_options_in_the_url(tmp_path: Path) -> None:
    """They mean the same there."""
    made = Certificates(tmp_path / "a folder")
    url = f"consuls://one/x?cacert={quote(str(made.ca))}&dc=east&lock_delay=1.5"
    assert "consuls://one:8500/x?dc=east" in repr(open_store(url))
    connect(url).close()
    with pytest.raises(ConfigurationError, match="unknown option 'datacenter'"):
        open_store("consul://one?datacenter=east")
    with pytest.raises(ConfigurationError, match="gives the option 'dc' twice"):
        open_store("consul://one?dc=east&dc=west")


@pytest.mark.parametrize("rest", [f"//{SECRET}@one", f"//one?token={SECRET}", f"{SECRET}@one"])
def test_a_token_in_the_url_shows_nowhere(rest: str) -> None:
    """Not in what `connect()` says of the URL either."""
    assert refusal(lambda: connect(f"consul:{rest}"))
    assert refusal(lambda: connect(f"consul:{rest}#"))
    assert refusal(lambda: connect(f"cunsul:{rest}"))
    assert refusal(lambda: connect(rest))


def test_nothing_shows_the_token() -> None:
    """Nor does what was opened with it."""
    store = open_store("consul://one", token=SECRET)
    with connect("consul://one", token=SECRET) as manager:
        assert "s3cret" not in f"{store!r} {store} {manager!r} {vars(store)!r}"
    store.close()


def test_files_are_read_at_once(tmp_path: Path) -> None:
    """Also the one with the token; a wrong one is an error before anything is sent."""
    with pytest.raises(ConfigurationError, match="token_file: cannot read"):
        connect("consul://one", token_file=tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match="cacert: cannot read"):
        connect("consuls://one", cacert=tmp_path / "nowhere")
