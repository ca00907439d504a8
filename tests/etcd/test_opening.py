"""Opening a store: what it takes, that nobody is contacted, and that nothing of it can be carried off."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

import coordination.stores.etcd as package
from coordination import ConfigurationError, connect, pem
from coordination.hidden import Hidden
from coordination.stores.etcd import opening
from coordination.stores.etcd.credentials import Credentials
from coordination.stores.etcd.settings import Settings
from coordination.stores.etcd.store import EtcdStore
from coordination.testing import FakeClock
from integration.servers.certificates import Certificates
from integration.servers.hostile import Hostile, silent
from tests.fresh import opened, refused_without


@pytest.mark.parametrize("module", ["grpc", "google.protobuf"])
def test_without_the_extra(module: str) -> None:
    """The message says what to install."""
    assert "pip install 'coordination[etcd]'" in refused_without(module, "etcd://one")


def test_nobody_is_contacted() -> None:
    """Importing loads no gRPC; connecting starts no thread, resolves no name, opens no socket."""
    imported, _, manager = opened("etcd://127.0.0.1:9,nowhere.invalid:9/prefix", "grpc", "google.protobuf")
    assert not imported
    assert manager.startswith("1 <")


def test_nobody_is_contacted_before_the_first_call() -> None:
    """Also not by gRPC, which has its own sockets."""
    with Hostile(silent) as server:
        manager = connect(f"etcd://{server.endpoint}")
        manager.close()
        assert server.connections == 0


@pytest.mark.parametrize(
    "options", [{"cacart": "x"}, {"tls": True}, {"user": "me", "password": "x", "plaintext": True}]
)
def test_unknown_options(options: dict[str, object]) -> None:
    """A typing error is not ignored; its name is in the message, no value is."""
    options = {"plaintext_password": True, **options}
    with pytest.raises(ConfigurationError, match=r"unknown option '(cacart|tls|plaintext)'"):
        connect("etcd://one", **options)  # type: ignore[arg-type]  # options of any store


@pytest.mark.parametrize("value", ["perhaps", 2, None])
def test_allowing_plaintext_takes_yes_or_no(value: object) -> None:
    """What is neither is refused, rather than taken for yes."""
    with pytest.raises(ConfigurationError, match="plaintext_password must be true or false"):
        connect("etcd://one", user="me:pw", plaintext_password=value)


def test_options_in_the_url(tmp_path: Path) -> None:
    """They mean the same there."""
    made = Certificates(tmp_path / "a folder")
    connect(f"etcds://one?cacert={made.ca}&user=me&password=pw").close()
    connect("etcd://one?user=me:pw&plaintext_password=true").close()
    with pytest.raises(ConfigurationError, match="unknown option 'cert_file'"):
        connect("etcd://one?cert_file=x")


def test_secrets_stay_here() -> None:
    """They show in no repr and no vars, and what holds them cannot be pickled."""
    hidden = Hidden("s3cret")
    settings = Settings(("one:1",), key=b"s3cret", user="me", password=hidden)
    credentials = Credentials(FakeClock(), "me", hidden, token="s3cret-token")
    for thing in (hidden, settings, credentials, vars(credentials), credentials.metadata, [settings]):
        assert "s3cret" not in repr(thing)
    assert "s3cret" not in str(settings)
    for thing in (hidden, settings, credentials, credentials.metadata):
        with pytest.raises(TypeError) as caught:
            pickle.dumps(thing)
        assert "s3cret" not in repr(caught.value)
    assert hidden == "s3cret"


@pytest.mark.skipif("os.name != 'posix'")
def test_a_key_file_that_others_can_read_is_remarked(tmp_path: Path) -> None:
    """`health()` tells the mode; a private file is no remark."""
    file = tmp_path / "key"
    for mode in (0o600, 0o400):
        file.touch()
        os.chmod(file, mode)
        assert pem.remarks(str(file)) == []
    for mode in (0o644, 0o640, 0o604):
        os.chmod(file, mode)
        [remark] = pem.remarks(str(file))
        assert f"mode 0{mode:o}" in remark


def test_the_package_has_what_users_want() -> None:
    """The store and how to open one, and nothing that is not there."""
    assert package.EtcdStore is EtcdStore
    assert package.open_store is opening.open_store
    with pytest.raises(AttributeError, match="EtcStore"):
        _ = package.EtcStore
