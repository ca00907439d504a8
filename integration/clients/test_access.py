"""A client that is brought keeps its TLS and its user, and is left as it was."""

from __future__ import annotations

import socket

import pytest

from integration.clients.environments import ETCD3, NEWEST, Environment, finished
from integration.servers.certificates import Certificates
from integration.servers.etcd import EtcdCluster

pytestmark = pytest.mark.timeout(500)  # the first time, pip has to fetch what the programs need

CLIENTS = {"etcd3": ETCD3, "pyetcd": NEWEST}


def secured_lines(library: str, secured: EtcdCluster, certificates: Certificates) -> dict[str, str]:
    """What secured.py printed, by the first word of each line."""
    host, _, port = secured.endpoints[0].rpartition(":")
    pair = certificates.client
    printed = CLIENTS[library].run(
        "secured.py", library, host, port, certificates.ca, pair.cert, pair.key, certificates.wrong_ca
    )
    lines = [line.partition(":") for line in printed.splitlines() if line.split(":")[0].isalpha()]
    return {word: rest.strip() for word, _, rest in lines}


def test_etcd3_with_a_certificate(secured: EtcdCluster, certificates: Certificates) -> None:
    """Its own channel serves, with a remark; with certificates given to us the remark is gone."""
    lines = secured_lines("etcd3", secured, certificates)
    assert "cacert" in lines["kept"]
    assert "dead" in lines["kept"]
    assert lines["given"] == ""
    assert "certificate" in lines["wrong"]
    assert "closed channel" in lines["closed"]


def test_pyetcd_with_a_certificate(secured: EtcdCluster, certificates: Certificates) -> None:
    """It keeps its certificates, so connections are our own, and there is nothing to remark."""
    lines = secured_lines("pyetcd", secured, certificates)
    assert (lines["kept"], lines["given"]) == ("", "")
    assert "certificate" in lines["wrong"]


def test_pyetcd_with_several_endpoints(secured: EtcdCluster, certificates: Certificates) -> None:
    """All of them are tried, whatever the client thinks of them."""
    pair = certificates.client
    port = secured.members[0].client_port
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # Its own for so long, and it does not listen.
        dead = nobody.getsockname()[1]
        assert NEWEST.run("several.py", dead, port, certificates.ca, pair.cert, pair.key) == "served\n"


@pytest.mark.parametrize("library", CLIENTS)
def test_a_token_serves_as_long_as_it_is_accepted(guarded: EtcdCluster, library: str) -> None:
    """Its user's rights are ours; when the token is forgotten the error names the remedy, which works."""
    environment: Environment = CLIENTS[library]
    host, _, port = guarded.endpoints[0].rpartition(":")
    program = environment.start("with_token.py", library, host, port, "shop", "secret")
    try:
        assert program.stdout is not None
        printed = ""
        while "ready\n" not in printed:
            line = program.stdout.readline()
            assert line, printed
            printed += line
        for words in ("auth disable", "auth enable"):  # which makes it forget every token
            guarded.ctl("--user", "root:root", *words.split())
        assert program.stdin is not None
        program.stdin.write("\n")
        told = finished(program)
    finally:
        program.kill()
    assert "give connect() user and password" in told
    assert "secret" not in printed + told
