"""A Consul server in a container, for tests whose leases may be shorter than a real server allows."""

from __future__ import annotations

from typing import Any, ClassVar

from coordination.testing.containers.common import ServerContainer


class ConsulContainer(ServerContainer):
    """One Consul server without TLS or ACLs, in memory, empty at its start and gone with its container.

    `image` is any image that runs `consul` with the command it is given, as the official one does.
    `session_ttl_min`, in seconds, is the shortest period that the server grants a lease: without it
    Consul's own 10 s. Further options are those of testcontainers' `DockerContainer`. Where docker
    runs on this machine, the port is published on 127.0.0.1 alone. The server runs in its development
    mode: it keeps nothing on a disk, so a restarted one is empty. Raises `ContainerFailed`.
    """

    scheme: ClassVar[str] = "consul"
    official_image: ClassVar[str] = "hashicorp/consul:1.21.3"
    image_variable: ClassVar[str] = "COORDINATION_CONSUL_IMAGE"
    listens_on: ClassVar[int] = 8500
    # A consistent read, which only a leader with a quorum answers, of the nodes: sessions belong to
    # one, and there is none yet in the first moments of a leader.
    asks: ClassVar[str] = "/v1/catalog/nodes?consistent"
    ready: ClassVar[bytes] = b'"Node":'

    def __init__(
        self, image: str | None = None, *, session_ttl_min: float | None = None, **options: Any
    ) -> None:
        super().__init__(image, **options)
        command = ["agent", "-dev", "-client=0.0.0.0", "-log-level=info"]
        if session_ttl_min is not None:
            command.append(f'-hcl=session_ttl_min = "{session_ttl_min}s"')
        self.with_command(command)
