"""What every server in a container has: its image, its published port, the wait for it, its errors."""

from __future__ import annotations

import http.client
import os
from typing import Any, ClassVar, Final, Self

from coordination.clock import SystemClock
from coordination.errors import CoordinationError

try:
    from docker.errors import DockerException  # type: ignore[import-not-found]  # mypy takes ./docker for it
    from testcontainers.core.container import DockerContainer
except ImportError as missing:
    raise ImportError(
        f"servers in containers need testcontainers ({missing}): pip install 'coordination[testing]'"
    ) from missing

STARTUP: Final = 60.0
"""Seconds that a server may take to answer, once its container runs; pulling the image is not counted."""

_LOOK: Final = 0.1
_LOCAL: Final = ("localhost", "127.0.0.1")
_LOG_SHOWN: Final = 4_000  # characters: the end of the log, where the reason stands


class ContainerFailed(CoordinationError):
    """No server could be had from docker; the message says why, and what to do about it."""


class ServerContainer(DockerContainer):
    """A server that a URL of this library leads to; a subclass says which. Raises `ContainerFailed`."""

    scheme: ClassVar[str]
    """Of its URLs: also its name in messages, and its folder in docker/ of the repository."""
    official_image: ClassVar[str]
    """With its version pinned; `image_variable` in the environment names another image."""
    image_variable: ClassVar[str]
    listens_on: ClassVar[int]
    """The port inside the container."""
    asks: ClassVar[str]
    """The path of an HTTP GET whose answer tells whether the server is ready ..."""
    ready: ClassVar[bytes]
    """... by having this in it."""

    def __init__(self, image: str | None, **options: Any) -> None:
        try:
            super().__init__(image or self.default_image(), **options)
        except DockerException as error:
            raise ContainerFailed(
                f"there is no {self.scheme} container because no docker engine answers ({error}): start one, "
                "or name one in DOCKER_HOST, until `docker info` works"
            ) from error
        self.with_exposed_ports(self.listens_on)

    @classmethod
    def default_image(cls) -> str:
        """What runs where no image is given: the environment's, else the official one."""
        return os.environ.get(cls.image_variable) or cls.official_image

    @property
    def endpoint(self) -> str:
        """`host:port` as this process reaches it; asked of docker anew, for a restart changes the port."""
        client, override = self.get_docker_client(), _host_override()
        host = override or self.get_container_host_ip()
        mapped = override is not None or client.get_connection_mode().use_mapped_port
        port = client.port(self.get_container_id(), self.listens_on) if mapped else self.listens_on
        return f"{'127.0.0.1' if host in _LOCAL else host}:{port}"

    @property
    def url(self) -> str:
        """What `coordination.connect()` takes; append `/prefix` to keep tests apart."""
        return f"{self.scheme}://{self.endpoint}"

    def start(self) -> Self:
        """Start it and wait until it answers; on failure nothing is left running."""
        if self._is_local():
            # docker takes such a pair; testcontainers only declares plain numbers.
            self.ports[str(self.listens_on)] = ("127.0.0.1", None)  # type: ignore[assignment]
        try:
            super().start()
            self._wait_until_it_answers()
        except DockerException as error:
            self.stop()
            raise ContainerFailed(
                f"docker did not start a container of {self.image} ({error}); where that image cannot be "
                f"had, name another in {self.image_variable} (docker/build_scratch of this project's "
                f"repository makes one of any {self.scheme} binary)"
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
        """What the server answers, or why it does not; None once it is ready."""
        try:
            connection = http.client.HTTPConnection(self.endpoint, timeout=2)
            try:
                connection.request("GET", self.asks)
                said = connection.getresponse().read(1_000)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:  # also while the port is not published yet
            return f"{type(error).__name__}: {error}"
        return None if self.ready in said else repr(said)

    def _give_up(self, what: str) -> None:
        log = b"".join(self.get_logs()).decode(errors="replace")
        raise ContainerFailed(
            f"the {self.scheme} container of {self.image} {what}; its log:\n{log[-_LOG_SHOWN:]}"
        )


def _host_override() -> str | None:
    """Where docker publishes ports; testcontainers ignores it when it believes to be inside a container."""
    return os.environ.get("TESTCONTAINERS_HOST_OVERRIDE") or None
