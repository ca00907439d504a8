"""Servers in containers, for tests: whether they can be had here, and one of them."""

from __future__ import annotations

import gc
import warnings
from functools import cache
from typing import TYPE_CHECKING

from integration.servers.consul_member import SESSION_TTL_MIN

if TYPE_CHECKING:
    from coordination.testing.containers.common import ServerContainer


@cache
def containers_work(kind: str) -> bool:
    """Whether an engine answers and has the image, or can pull it; asked once, for a pull can be slow."""
    try:
        from docker.errors import DockerException, ImageNotFound  # type: ignore[import-not-found]  # as there
        from testcontainers.core.docker_client import DockerClient

        from coordination.testing import containers
    except ImportError:
        return False
    classes = (containers.EtcdContainer, containers.ConsulContainer)
    image = next(it for it in classes if it.scheme == kind).default_image()
    works = True
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # where no engine answers, docker leaves a socket open
        try:
            client = DockerClient().client
            try:
                client.images.get(image)
            except ImageNotFound:
                client.images.pull(image)
            client.close()
        except DockerException:
            works = False
        gc.collect()  # here, where that socket is no warning
    return works


def container_of(kind: str) -> ServerContainer:
    """A server of "etcd" or "consul", as a context manager."""
    from coordination.testing.containers import ConsulContainer, EtcdContainer

    return EtcdContainer() if kind == "etcd" else ConsulContainer(session_ttl_min=SESSION_TTL_MIN)
