"""An object store with conditional writes refuses an old holder: the token lives in the object.

    python examples/fencing_object_store.py file:///var/lib/shop/leases

Such a store knows nothing of tokens, but writes an object only if it is still the version that was read:
`If-Match` with the ETag on S3 and Azure, the generation on Google's. That is enough for a fence, and this
program brings a small store of that kind, so that it runs anywhere. One machine gets a lease and is paused
before it acts; another gets the lease meanwhile.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from coordination import StaleToken, connect

PATH = "/accounts/rent"


class Store(ThreadingHTTPServer):
    """Objects by path, each with the number of its version for an ETag."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects = {PATH: (1, b'{"token": 0, "amount": 100}')}
        self.turn = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    """GET, and PUT with If-Match."""

    server: Store

    def do_GET(self) -> None:
        version, body = self.server.objects[self.path]
        self.answer(200, version, body)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.turn:
            version, _ = self.server.objects[self.path]
            if self.headers["If-Match"] != f'"{version}"':
                return self.answer(412, version, b"")
            self.server.objects[self.path] = (version + 1, body)
        return self.answer(200, version + 1, b"")

    def answer(self, status: int, version: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("ETag", f'"{version}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *ignored: object) -> None:
        """Nothing: what happens is printed by those who do it."""


class Account:
    """The object, as the holder of one token may use it."""

    def __init__(self, port: int, token: int) -> None:
        self.port, self.token, self.etag = port, token, ""

    def read(self) -> int:
        """What is in it; leaves our token there, so that nobody older reads or writes from now on."""
        for _ in range(10):
            etag, found = self._get()
            if found["token"] < self.token:
                etag = self._put(found["amount"], etag)
            if etag:
                self.etag = etag
                return int(found["amount"])
        raise TimeoutError("somebody writes all the time")

    def write(self, amount: int) -> None:
        """Set what is in it, if it still is as we read or wrote it."""
        etag = self._put(amount, self.etag)
        if not etag:
            self._get()
            raise RuntimeError("it was changed under our own token: read, and try again")
        self.etag = etag

    def _get(self) -> tuple[str, dict[str, int]]:
        """Its version and content; `StaleToken` if a newer token has been there, if only to read."""
        _, etag, found = self._ask("GET")
        if found["token"] > self.token:
            raise StaleToken(f"token {self.token} is stale", highest=found["token"])
        return etag, found

    def _put(self, amount: int, etag: str) -> str:
        """Write it with our token; the new version, or nothing if it is not the version given any more."""
        status, new, _ = self._ask("PUT", {"token": self.token, "amount": amount}, etag)
        return new if status == 200 else ""

    def _ask(self, method: str, content: object = None, etag: str = "") -> tuple[int, str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, PATH, json.dumps(content), {"If-Match": etag})
            answer = connection.getresponse()
            return answer.status, answer.headers["ETag"], json.loads(answer.read() or "null")
        finally:
            connection.close()


def refused(act: Callable[[], object]) -> str:
    """Why the act was refused; the program ends if it was not."""
    try:
        act()
    except StaleToken as refusal:
        return f"refused, {refusal}"
    sys.exit("an old holder was let in")


def story(url: str, port: int) -> int:
    """Let the old holder come too late; what is in the account at the end."""
    with connect(url, machine_id="old") as machine, connect(url, machine_id="new") as other:
        old = machine.wait_lease("accounts", period=2, timeout=60)
        mine = Account(port, old.token)
        amount = mine.read()
        old.check()
        print(f"old: token {old.token}, reads {amount}, holds the lease, and is paused: nothing renews it")

        with other.wait_lease("accounts", period=30, timeout=60) as new:
            theirs = Account(port, new.token)
            newer = theirs.read()
            print(f"new: token {new.token}, reads {newer}")
            print("old: wakes up, and writes:", refused(lambda: mine.write(amount + 10)))
            print("old: reads again:", refused(mine.read))
            print("old: insists:", refused(lambda: mine.write(amount + 10)))
            theirs.write(newer + 1)
            total = theirs.read()
            print(f"new: adds 1; there are {total}")
    return total


def main(url: str) -> int:
    """Serve objects while the story runs; 0 if the new holder's word stands."""
    with Store() as store:
        serving = threading.Thread(target=store.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            return 0 if story(url, store.server_address[1]) == 101 else 1
        finally:
            store.shutdown()
            serving.join()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
