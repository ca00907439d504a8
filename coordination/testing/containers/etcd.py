"""An etcd server in a container: testcontainers has no class for one."""

from __future__ import annotations

from typing import Any, ClassVar

from coordination.testing.containers.common import ServerContainer


class EtcdContainer(ServerContainer):
    """One etcd server without TLS or passwords, empty at its start and gone with its container.

    `image` is any image whose default command is etcd and which reads etcd's own environment
    variables, as the official one does; further options are those of testcontainers'
    `DockerContainer`. Where docker runs on this machine, the port is published on 127.0.0.1 alone.
    The server advertises the address it has inside the container: clients must use `url` as it is,
    and not ask the server for its members' addresses. Raises `ContainerFailed`.
    """

    scheme: ClassVar[str] = "etcd"
    official_image: ClassVar[str] = "quay.io/coreos/etcd:v3.5.25"  # of the 3.5 line
    image_variable: ClassVar[str] = "COORDINATION_ETCD_IMAGE"
    listens_on: ClassVar[int] = 2379
    asks: ClassVar[str] = "/health"
    ready: ClassVar[bytes] = b'"true"'

    def __init__(self, image: str | None = None, **options: Any) -> None:
        super().__init__(image, **options)
        listening = f"http://0.0.0.0:{self.listens_on}"
        self.with_env("ETCD_LISTEN_CLIENT_URLS", listening).with_env("ETCD_ADVERTISE_CLIENT_URLS", listening)
