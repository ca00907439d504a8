"""A stand-in for a docker engine: it answers the few calls that testcontainers makes, and starts nothing.

Its one container has a log and a published port, behind which a server may answer as etcd and Consul
do when they are asked how they are. What was asked of the engine is kept for the test to look at.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CONTAINER = "c0ffee"

WELL = {
    "/health": '{"health":"true"}',
    "/v1/catalog/nodes?consistent": '[{"ID":"1","Node":"one"}]',
}
"""What servers that are ready answer, by the path that they are asked on."""


@dataclass
class Engine:
    """What the engine is asked, and what it answers."""

    host: str = ""
    images: set[str] = field(default_factory=lambda: {"etcd:test", "consul:test"})
    published: int = 0
    status: str = "running"
    log: str = "now serving\n"
    created: dict[str, Any] = field(default_factory=dict)
    removed: int = 0

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """The engine's answer to one call; the paths begin with its version, or not."""
        path = re.sub(r"^/v[\d.]+", "", path.partition("?")[0])
        if path == "/version":
            return 200, {"ApiVersion": "1.41", "MinAPIVersion": "1.12"}
        if path.startswith("/images/") and path.endswith("/json"):
            known = path.removeprefix("/images/").removesuffix("/json") in self.images
            return (200, {"Id": "sha256:1"}) if known else (404, {"message": "no such image"})
        if path == "/images/create":
            return 500, {"message": "the registry cannot be reached"}
        if path == "/containers/create":
            self.created = body
            return 201, {"Id": CONTAINER}
        return self._of_container(method, path.removeprefix(f"/containers/{CONTAINER}"))

    def _of_container(self, method: str, path: str) -> tuple[int, Any]:
        if method == "DELETE":
            self.removed += 1
            return 204, None
        if path == "/logs":
            return 200, self.log
        if path != "/json":
            return 204, None
        published = [{"HostIp": "127.0.0.1", "HostPort": str(self.published)}]
        ports = dict.fromkeys(self.created["HostConfig"]["PortBindings"], published)
        return 200, {
            "Id": CONTAINER,
            "Config": {"Tty": True},
            "State": {"Status": self.status},
            "NetworkSettings": {"Ports": ports if self.status == "running" else {}},
        }


@contextmanager
def serving(answer: Any) -> Iterator[int]:
    """Serve `answer(method, path, body) -> (status, content)` on a port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or "null")
            status, content = answer(self.command, self.path, body)
            said = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            if status != 204:
                self.wfile.write(said)

        do_GET = do_POST = do_DELETE = reply  # noqa: N815  # the names are http.server's

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing of each request."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def docker_engine(health: str | None = None) -> Iterator[Engine]:
    """An engine at `DOCKER_HOST=engine.host`; behind its port a server that is well, or says `health`."""
    engine = Engine()

    def server(_method: str, path: str, _body: Any) -> tuple[int, str]:
        said = health or WELL.get(path)
        return (404, "") if said is None else (200, said)

    with serving(server) as published, serving(engine.answer) as port:
        engine.published, engine.host = published, f"tcp://127.0.0.1:{port}"
        yield engine
