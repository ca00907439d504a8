"""The ACL token: where it may come from, and that it is never shown."""

from __future__ import annotations

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.hidden import Hidden
from tests.consul.settled import refused, settings
from tests.showing import SECRET


def token(environment: Mapping[str, str] | None = None, **options: Any) -> Any:
    """The token that these settings have."""
    return settings("consul://one", environment, **options).token


def refusing(environment: Mapping[str, str] | None = None, **options: Any) -> str:
    """Why there is none."""
    return refused("consul://one", environment, **options)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with the token, as an editor leaves it."""
    path = tmp_path / "token"
    path.write_text(f"{SECRET}\n")
    return path


def test_where_it_comes_from(file: Path, tmp_path: Path) -> None:
    """Options go before the environment; in that a file goes first, as with the consul command."""
    other = tmp_path / "other"
    other.write_text("other")
    environment = {"CONSUL_HTTP_TOKEN": "other", "CONSUL_HTTP_TOKEN_FILE": str(other)}
    assert token() is None
    assert token(environment={"CONSUL_HTTP_TOKEN": "", "CONSUL_HTTP_TOKEN_FILE": ""}) is None
    for found in (
        token(token=SECRET),
        token(token_file=file),
        settings(f"consul://one?token_file={file}").token,
        token(environment={"CONSUL_HTTP_TOKEN": SECRET}),
        token(environment={"CONSUL_HTTP_TOKEN_FILE": str(file)}),
        token(environment={"CONSUL_HTTP_TOKEN_FILE": str(file), "CONSUL_HTTP_TOKEN": "other"}),
        token(environment=environment, token=SECRET),
        token(environment=environment, token_file=file),
    ):
        assert found == SECRET
        assert isinstance(found, Hidden)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n", " \n"])
def test_the_end_of_a_file_is_no_part_of_it(tmp_path: Path, end: str) -> None:
    """However the file was written."""
    (tmp_path / "token").write_bytes(f"{SECRET}{end}".encode())
    assert token(token_file=tmp_path / "token") == SECRET


def test_both(file: Path) -> None:
    """Which one is meant, nobody can say."""
    assert "give it once" in refusing(token=SECRET, token_file=file)


@pytest.mark.parametrize(
    "url",
    [
        "consul://s3cret-w0rd@one",
        "consul://me:s3cret-w0rd@one:8500",
        "consuls://me:s3cret/w0rd@one",
        "consul://me:s3cret?w0rd@one",
        "consul://12/s3cret-w0rd@one",
        "consul://one?token=s3cret-w0rd",
        "consul://one/x?dc=a&token=s3cret-w0rd",
        "consul://one?token=",
    ],
)
def test_never_from_a_url(url: str) -> None:
    """It would end up in logs; the message says where it belongs."""
    why = refused(url)
    if "s3cret/" not in url:  # There it looks like a port.
        assert "give connect() token or token_file, or set CONSUL_HTTP_TOKEN" in why


@pytest.mark.parametrize(
    "wrong",
    [
        "s3cret w0rd",
        "s3cret\nX-Other: w0rd",
        "s3cret-w0rd\n",
        "s3cret\x00",
        "s3crétw0rd",
        "\x7fs3cret",
        5,
        "",
    ],
)
def test_no_token(wrong: Any) -> None:
    """It is a header: what could end it, or cannot be sent, is refused, wherever it comes from."""
    assert "token" in refusing(token=wrong)
    if isinstance(wrong, str) and wrong:
        assert "CONSUL_HTTP_TOKEN is no token" in refusing(environment={"CONSUL_HTTP_TOKEN": wrong})


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"s3cret w0rd", b"s3cret\nw0rd\n", b"s3cret\xff", b"s3cret\x00\n"]
)
def test_no_token_in_the_file(tmp_path: Path, content: bytes) -> None:
    """The message names the file and what pointed to it, and shows nothing of what is in it."""
    path = tmp_path / "the file"
    path.write_bytes(content)
    for name, why in (
        ("token_file", refusing(token_file=path)),
        ("CONSUL_HTTP_TOKEN_FILE", refusing(environment={"CONSUL_HTTP_TOKEN_FILE": str(path)})),
    ):
        assert why.startswith(f"{name}: ")
        assert str(path) in why


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """It is not there, it is a folder, it is no path."""
    for path in (tmp_path / "nowhere", tmp_path):
        assert refusing(token_file=path).startswith(f"token_file: cannot read {path}: ")
    assert "is no path" in refusing(token_file="a\0b")


@given(st.text(string.ascii_letters + string.digits + string.punctuation, min_size=1))
def test_what_is_taken(text: str) -> None:
    """Whatever can be a header's value as it stands."""
    assert token(token=text) == text
