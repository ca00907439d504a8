"""Certificates and keys: read at once, and refused where no handshake could ever use them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from coordination.errors import ConfigurationError
from coordination.stores.etcd.settings import Settings, settings_of
from integration.servers.certificates import Certificates


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


def settings(environment: Mapping[str, str] | None = None, scheme: str = "etcds", **options: Any) -> Settings:
    return settings_of(urlsplit(f"{scheme}://one"), options, environment=environment or {})


def test_files_of_options(made: Certificates) -> None:
    """Paths as text or as paths; what is in them shows nowhere."""
    found = settings(cacert=str(made.ca), cert=made.client.cert, key=made.client.key)
    assert found.cacert == made.ca.read_bytes()
    assert (found.cert, found.key) == (made.client.cert.read_bytes(), made.client.key.read_bytes())
    assert found.key_file == str(made.client.key)
    assert "BEGIN" not in f"{found!r} {found}"


def test_files_of_the_environment(made: Certificates) -> None:
    """`ETCDCTL_CACERT`, `_CERT` and `_KEY` fill what is left out, and options go first."""
    environment = {
        "ETCDCTL_CACERT": str(made.ca),
        "ETCDCTL_CERT": str(made.client.cert),
        "ETCDCTL_KEY": str(made.client.key),
    }
    found = settings(environment)
    assert found.cacert == made.ca.read_bytes()
    assert (found.cert, found.key) == (made.client.cert.read_bytes(), made.client.key.read_bytes())
    assert settings(environment, cacert=made.wrong_ca).cacert == made.wrong_ca.read_bytes()


def test_plaintext_takes_none(made: Certificates) -> None:
    """An option for TLS without TLS is a mistake; the environment is for whoever uses TLS."""
    for name in ("cacert", "cert", "key"):
        options: dict[str, Any] = {name: str(made.ca)}
        with pytest.raises(ConfigurationError, match=f"{name} is for TLS: write etcds://"):
            settings(scheme="etcd", **options)
    found = settings({"ETCDCTL_CACERT": str(made.ca)}, scheme="etcd")
    assert (found.secure, found.cacert) == (False, None)


def test_one_half_of_a_pair(made: Certificates) -> None:
    """The message names both."""
    halves: list[dict[str, Any]] = [{"cert": made.client.cert}, {"key": made.client.key}]
    for options in halves:
        with pytest.raises(ConfigurationError, match="both: cert and key"):
            settings(**options)


@pytest.mark.parametrize("name", ["cacert", "cert", "key"])
def test_a_file_that_is_not_there(made: Certificates, tmp_path: Path, name: str) -> None:
    """The message names the option and the file."""
    files: dict[str, Any] = {"cacert": made.ca, "cert": made.client.cert, "key": made.client.key}
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(ConfigurationError, match=f"{name}: cannot read {path}"):
            settings(**{**files, name: path})
    with pytest.raises(ConfigurationError, match=f"{name}: .* is no path"):
        settings(**{**files, name: "a\0b"})


def test_files_that_hold_something_else(made: Certificates, tmp_path: Path) -> None:
    """Garbage, half a file, a key of another pair: which it is, is said; what is in it, is not."""
    garbage = tmp_path / "garbage"
    garbage.write_text("s3cret")
    half = tmp_path / "half"
    half.write_bytes(made.ca.read_bytes()[:200])
    client, other = made.client, made.wrong_client
    for wrong in (garbage, half):
        with pytest.raises(ConfigurationError, match=f"cacert: {wrong} holds no certificate"):
            settings(cacert=wrong)
    for cert, key in ((garbage, client.key), (client.cert, garbage), (client.cert, other.key)):
        with pytest.raises(ConfigurationError, match="are no pair that can be used") as caught:
            settings(cacert=made.ca, cert=cert, key=key)
        assert "s3cret" not in str(caught.value)


def test_a_key_with_a_password_is_refused(made: Certificates, tmp_path: Path) -> None:
    """Nobody is asked for it on the terminal."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(made.client.key.read_bytes(), None)
    locked = tmp_path / "locked"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"s3cret"),
        )
    )
    with pytest.raises(ConfigurationError, match="the key without a password"):
        settings(cert=made.client.cert, key=locked)
