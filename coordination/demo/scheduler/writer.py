"""The writer's side of a fenced resource: a line of JSON for each write, and a word back.

Every write carries its token, and the resource refuses it if a newer one has been there
(`coordination.fencing.Fence`). What else it carries is for those who read the log afterwards.
"""

from __future__ import annotations

import json
import os
import socket
from typing import Self

START = "start"
WORK = "work"
STOP = "stop"

TAKEN = b"taken\n"
REFUSED = b"refused\n"

PATIENCE = 10.0
"""Seconds that the resource gets to answer."""


class Writer:
    """A connection to the resource at `address` (HOST:PORT), for one token of one name; for one thread."""

    def __init__(self, address: str, name: str, token: int, machine: str, version: int) -> None:
        host, _, port = address.rpartition(":")
        self._says = {
            "name": name,
            "token": token,
            "machine": machine,
            "version": version,
            "pid": os.getpid(),
        }
        self._socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self._answers = self._socket.makefile("rb")

    def write(self, kind: str, until: float) -> bool:
        """One entry, by somebody who may act `until` then (boot clock). False: a newer token was there."""
        self._socket.sendall(json.dumps({**self._says, "kind": kind, "until": until}).encode() + b"\n")
        answer = self._answers.readline()
        if answer not in (TAKEN, REFUSED):
            raise ConnectionError("the resource is gone")
        return answer == TAKEN

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._answers.close()
        self._socket.close()
