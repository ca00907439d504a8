"""What docker/ has for Consul: its settings make clusters, its certificates and its token open them."""

from __future__ import annotations

import re
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from coordination import PermissionDenied, StoreError, connect
from coordination.testing.containers import ConsulContainer
from integration.consul.composed import DOCKER, composed

PUBLISHED = re.compile(r'"(127\.0\.0\.1:\d+):8500"')


def exported(*command: str) -> dict[str, str]:
    """What a script tells the shell to export."""
    ran = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("export ")
    return dict(variable.split("=", 1) for variable in ran.stdout.split()[1:])


def use_a_lease(url: str) -> None:
    """What a program needs that has this URL and this process's environment.

    It waits, for a new leader enters the servers into its catalog one by one, and a server that is
    not there yet has no sessions.
    """
    with connect(url) as manager:
        lease = manager.wait_lease("unit", period=60, timeout=60)
        lease.renew()
        assert lease.release()


def test_three_servers(tmp_path: Path) -> None:
    """They find each other, and leases work on them."""
    with composed(tmp_path) as servers:
        assert len(servers.endpoints) == 3
        servers.wait_until_united()
        use_a_lease(servers.url)


def test_three_servers_with_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificates made for them are good among the servers and for clients, and others are refused."""
    made = exported(str(DOCKER / "make_certificates"), "consul", str(tmp_path / "certificates"))
    trust = ssl.create_default_context(cafile=made["CONSUL_CACERT"])
    trust.load_cert_chain(made["CONSUL_CLIENT_CERT"], made["CONSUL_CLIENT_KEY"])
    with composed(tmp_path, "tls", trust) as servers:
        servers.wait_until_united()
        monkeypatch.setenv("CONSUL_CACERT", made["CONSUL_CACERT"])
        with connect(servers.url) as stranger, pytest.raises(StoreError):
            stranger.acquire_lease("unit", period=60)
        for name, value in made.items():
            monkeypatch.setenv(name, value)
        use_a_lease(servers.url)


def test_three_servers_with_acls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may do anything but with the token that is made for programs; it can be made once."""
    make_token = [sys.executable, str(DOCKER / "consul" / "make_token")]
    with composed(tmp_path, "acl") as servers:
        servers.wait_until_united()
        with connect(servers.url) as stranger, pytest.raises(PermissionDenied):
            stranger.acquire_lease("unit", period=60)
        made = exported(*make_token, f"http://{servers.endpoints[0]}")
        monkeypatch.setenv("CONSUL_HTTP_TOKEN", made["CONSUL_HTTP_TOKEN"])
        use_a_lease(servers.url)
        with connect(f"{servers.url}/elsewhere") as astray, pytest.raises(PermissionDenied):
            astray.acquire_lease("unit", period=60)
        again = [*make_token, f"http://{servers.endpoints[0]}"]
        refused = subprocess.run(again, capture_output=True, text=True, timeout=90, check=False)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "bootstrap no longer allowed" in refused.stderr


@pytest.mark.parametrize("file", ["compose.yaml", "compose.tls.yaml", "compose.acl.yaml"])
def test_each_file_says_the_url_of_its_servers(file: str) -> None:
    """Whoever copies the line from its head reaches what it publishes; and so do readers of the README."""
    published = PUBLISHED.findall((DOCKER / "consul" / "compose.yaml").read_text("utf-8"))
    scheme = "consuls" if file == "compose.tls.yaml" else "consul"
    line = f"export COORDINATION_URL={scheme}://{','.join(published)}\n"
    assert len(published) == 3
    assert f"#   {line}" in (DOCKER / "consul" / file).read_text("utf-8")
    assert f"\n{line}" in (DOCKER / "README.md").read_text("utf-8")


def test_the_image_is_that_of_the_container() -> None:
    """Both default to one version, pinned, and both let the environment name another image."""
    image = f"${{{ConsulContainer.image_variable}:-{ConsulContainer.official_image}}}"
    assert f"image: {image}\n" in (DOCKER / "consul" / "compose.yaml").read_text("utf-8")
