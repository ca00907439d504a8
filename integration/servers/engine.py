"""Whether containers can be had here: an engine that answers, and the image."""

from __future__ import annotations

import gc
import os
import warnings
from functools import cache


@cache
def containers_work() -> bool:
    """Whether an engine answers and has the image, or can pull it; asked once, for a pull can be slow."""
    try:
        from docker.errors import DockerException, ImageNotFound  # type: ignore[import-not-found]  # as there
        from testcontainers.core.docker_client import DockerClient

        from coordination.testing.containers import IMAGE
    except ImportError:
        return False
    image = os.environ.get("COORDINATION_ETCD_IMAGE") or IMAGE
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
