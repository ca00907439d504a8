"""An etcd server in a container, for tests of programs that use this library.

testcontainers has no class for etcd; this is one, used like its others:

    with EtcdContainer() as etcd, coordination.connect(etcd.url) as manager:
        ...

It needs `pip install 'coordination[testing]'` and a docker engine that `docker info` reaches. This
module imports testcontainers, so nothing else of the kit imports it before it is used.
"""

from __future__ import annotations

import http.client
import os
from typing import Any, Final, Self

from coordination.clock import SystemClock
from coordination.errors import CoordinationError

try:
    from docker.errors import DockerException  # type: ignore[import-not-found]  # mypy takes ./docker for it
    from testcontainers.core.container import DockerContainer
except ImportError as missing:
    raise ImportError(
        f"etcd in a container needs testcontainers ({missing}): pip install 'coordination[testing]'"
    ) from missing

IMAGE: Final = "quay.io/coreos/etcd:v3.5.25"
"""The official image of the 3.5 line; `COORDINATION_ETCD_IMAGE` in the environment names another."""

PORT: Final = 2379
"""Where etcd listens inside the container."""

STARTUP: Final = 60.0
"""Seconds that etcd may take to answer, once its container runs; pulling the image is not counted."""

_LOOK: Final = 0.1
_LOCAL: Final = ("localhost", "127.0.0.1")
_LOG_SHOWN: Final = 4_000  # characters: the end of the log, where the reason stands


class ContainerFailed(CoordinationError):
    """No etcd could be had from docker; the message says why, and what to do about it."""


class EtcdContainer(DockerContainer):
    """One etcd server without TLS or passwords, empty at its start and gone with its container.

    `image` is any image whose default command is etcd and which reads etcd's own environment
    variables, as the official one does; further options are those of testcontainers'
    `DockerContainer`. Where docker runs on this machine, the port is published on 127.0.0.1 alone.
    The server advertises the address it has inside the container: clients must use `url` as it is,
    and not ask the server for its members' addresses. Raises `ContainerFailed`.
    """

    def __init__(self, image: str | None = None, **options: Any) -> None:
        chosen = image or os.environ.get("COORDINATION_ETCD_IMAGE") or IMAGE
        try:
            super().__init__(chosen, **options)
        except DockerException as error:
            raise ContainerFailed(
                f"there is no etcd container because no docker engine answers ({error}): start one, or name "
                "one in DOCKER_HOST, until `docker info` works"
            ) from error
        listening = f"http://0.0.0.0:{PORT}"
        self.with_env("ETCD_LISTEN_CLIENT_URLS", listening).with_env("ETCD_ADVERTISE_CLIENT_URLS", listening)
        self.with_exposed_ports(PORT)

    @property
    def endpoint(self) -> str:
        """`host:port` as this process reaches it; asked of docker anew, for a restart changes the port."""
        client, override = self.get_docker_client(), _host_override()
        host = override or self.get_container_host_ip()
        mapped = override is not None or client.get_connection_mode().use_mapped_port
        port = client.port(self.get_container_id(), PORT) if mapped else PORT
        return f"{'127.0.0.1' if host in _LOCAL else host}:{port}"

    @property
    def url(self) -> str:
        """What `coordination.connect()` takes; append `/prefix` to keep tests apart."""
        return f"etcd://{self.endpoint}"

    def start(self) -> Self:
        """Start it and wait until it answers; on failure nothing is left running."""
        if self._is_local():
            # docker takes such a pair; testcontainers only declares plain numbers.
            self.ports[str(PORT)] = ("127.0.0.1", None)  # type: ignore[assignment]
        try:
            super().start()
            self._wait_until_it_answers()
        except DockerException as error:
            self.stop()
            raise ContainerFailed(
                f"docker did not start a container of {self.image} ({error}); where that image cannot be "
                "had, name another in COORDINATION_ETCD_IMAGE (docker/etcd/build_scratch of this project's "
                "repository makes one of any etcd binary)"
            ) from error
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self, force: bool = True, delete_volume: bool = True) -> None:
        """Remove the container; may be called twice."""
        super().stop(force, delete_volume)
        self._container = None

    def _is_local(self) -> bool:
        if override := _host_override():
            return override in _LOCAL
        client = self.get_docker_client()
        return client.get_connection_mode().value == "docker_host" and client.host() in _LOCAL

    def _wait_until_it_answers(self) -> None:
        clock = SystemClock()
        give_up = clock.now() + STARTUP
        while (trouble := self._trouble()) is not None:
            container = self.get_wrapped_container()
            container.reload()
            if container.status not in ("created", "running", "restarting"):
                self._give_up(f"has ended ({container.status})")
            if clock.now() >= give_up:
                self._give_up(f"did not answer within {STARTUP:g} s ({trouble})")
            clock.sleep(_LOOK)

    def _trouble(self) -> str | None:
        """What is wrong with the server's health; None if it is ready to serve."""
        try:
            connection = http.client.HTTPConnection(self.endpoint, timeout=2)
            try:
                connection.request("GET", "/health")
                said = connection.getresponse().read(1_000)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:  # also while the port is not published yet
            return f"{type(error).__name__}: {error}"
        return None if b'"true"' in said else repr(said)

    def _give_up(self, what: str) -> None:
        log = b"".join(self.get_logs()).decode(errors="replace")
        raise ContainerFailed(f"the etcd container of {self.image} {what}; its log:\n{log[-_LOG_SHOWN:]}")


def _host_override() -> str | None:
    """Where docker publishes ports; testcontainers ignores it when it believes to be inside a container."""
    return os.environ.get("TESTCONTAINERS_HOST_OVERRIDE") or None
