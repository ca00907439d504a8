"""Certificates for tests of TLS: good ones, and each way in which one can be bad."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_HERE = ("127.0.0.1", "::1", "localhost")
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM files."""

    cert: Path
    key: Path

    @property
    def flags(self) -> list[str]:
        """As etcd takes them; given to a cluster as flags, they replace its certificate."""
        return ["--cert-file", str(self.cert), "--key-file", str(self.key)]

    @property
    def config(self) -> dict[str, str]:
        """As Consul takes them; given to a cluster as configuration, they replace its certificate."""
        return {"cert_file": str(self.cert), "key_file": str(self.key)}

    @property
    def client_flags(self) -> list[str]:
        """As etcdctl takes them."""
        return ["--cert", str(self.cert), "--key", str(self.key)]


class Certificates:
    """A CA with what it signed, made in `folder` at first use."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._authority = _Authority("CA of the tests")

    @cached_property
    def ca(self) -> Path:
        """The CA that clients and servers should trust."""
        return _write(self._folder / "ca.pem", self._authority.pem)

    @cached_property
    def wrong_ca(self) -> Path:
        """A CA that signed nothing here."""
        return _write(self._folder / "wrong-ca.pem", _Authority("another CA").pem)

    @cached_property
    def server(self) -> Pair:
        """For 127.0.0.1, ::1 and localhost."""
        return self._pair("server", _HERE)

    @cached_property
    def client(self) -> Pair:
        """A client of common name "client"; with etcd's auth that is its user."""
        return self._pair("client", ())

    @cached_property
    def wrong_client(self) -> Pair:
        """A client's, signed by a CA that the server does not trust."""
        return self._pair("wrong-client", (), _Authority("another CA"))

    @cached_property
    def wrong_name(self) -> Pair:
        """A server's, for elsewhere.example."""
        return self._pair("wrong-name", ("elsewhere.example",))

    @cached_property
    def expired(self) -> Pair:
        """A server's, for the right names, that ran out yesterday."""
        return self._pair("expired", _HERE, until=-_DAY)

    @cached_property
    def self_signed(self) -> Pair:
        """A server's, for the right names, which nobody but itself vouches for."""
        cert, key = _self_signed("self-signed", _HERE)
        return Pair(
            _write(self._folder / "self-signed.pem", cert), _write(self._folder / "self-key.pem", key)
        )

    def _pair(
        self,
        name: str,
        hosts: tuple[str, ...],
        authority: _Authority | None = None,
        until: datetime.timedelta = 30 * _DAY,
    ) -> Pair:
        cert, key = (authority or self._authority).sign(name, hosts, until)
        return Pair(_write(self._folder / f"{name}.pem", cert), _write(self._folder / f"{name}-key.pem", key))


class _Authority:
    """A self-signed CA, its key kept in memory."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        may = x509.BasicConstraints(ca=True, path_length=0)
        builder = _builder(self._name, self._name, self._key.public_key(), 30 * _DAY)
        signed = builder.add_extension(may, critical=True).sign(self._key, hashes.SHA256())
        self.pem = signed.public_bytes(serialization.Encoding.PEM)

    def sign(self, name: str, hosts: tuple[str, ...], until: datetime.timedelta) -> tuple[bytes, bytes]:
        """A certificate and its key, both as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        return _signed(_builder(_named(name), self._name, key.public_key(), until), hosts, self._key), _pem(
            key
        )


def _self_signed(name: str, hosts: tuple[str, ...]) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    return _signed(_builder(_named(name), _named(name), key.public_key(), 30 * _DAY), hosts, key), _pem(key)


def _signed(
    builder: x509.CertificateBuilder, hosts: tuple[str, ...], key: ec.EllipticCurvePrivateKey
) -> bytes:
    """A certificate for both ends of a connection: etcd's gateway is a client of its own server."""
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    builder = builder.add_extension(usage, critical=False)
    if hosts:
        names = x509.SubjectAlternativeName([_alternative(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, until: datetime.timedelta
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 3 * _DAY)
        .not_valid_after(now + until)
    )


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path
