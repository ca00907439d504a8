"""A Consul without a network that keeps records: transactions, lists of keys, looks at sessions."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from coordination.record import Session
from coordination.stores.consul.message import Answer, Request, TooMuch
from coordination.stores.consul.store import ConsulStore
from tests.consul.scripted import SESSION, Say, ScriptedAgent, cluster, done, failed, said

OURS = Session(SESSION, 15.0)
FOLDER = "n/locks/a/"

Fields = dict[str, Any]


class Kept:
    """`store` is on it, under the prefix `p`. Keys are those of the contract, none of them odd."""

    def __init__(self) -> None:
        self.records: dict[str, Fields] = {}
        self.hidden: set[str] = set()
        """What the ACL token may not read."""
        self.living = {SESSION}
        self.before: Callable[[], object] = lambda: None
        """Called before each request."""
        self._index = 10
        self.agent = ScriptedAgent(self._answer)
        self.store = ConsulStore(cluster(self.agent), "p", "kept", 0.0, [])

    def put(self, key: str, session: str = SESSION, value: bytes = b"") -> Fields:
        """A record, or another value of the one there is."""
        self._index += 1
        created = self.records.get(key, {}).get("CreateIndex", self._index)
        self.records[key] = {
            "Key": f"p/{key}",
            "CreateIndex": created,
            "ModifyIndex": self._index,
            "Value": base64.b64encode(value).decode(),
            **({"Session": session} if session else {}),
        }
        return self.records[key]

    @property
    def verbs(self) -> list[list[str]]:
        """Of each request; a path where there is no transaction."""
        return [
            [step["KV"]["Verb"] for step in json.loads(request.body)] if request.body else [request.path]
            for request in self.agent.asked
        ]

    def _answer(self, request: Request) -> Say:
        self.before()
        answer = self._answered(request)
        return answer if len(answer.body) <= request.limit else TooMuch(request.limit)

    def _answered(self, request: Request) -> Answer:
        if request.path.startswith("/v1/session/info/"):
            return said([{"ID": it} for it in self.living if request.path.endswith(it)])
        if request.path.startswith("/v1/kv/"):
            assert request.query == "keys&consistent"
            folder = unquote(request.path.removeprefix("/v1/kv/p/"))
            return said([f"p/{key}" for key in sorted(self.records) if key.startswith(folder)])
        steps = [step["KV"] for step in json.loads(request.body or b"[]")]
        assert len(steps) <= 64
        complaints = [(place, why) for place, step in enumerate(steps) if (why := self._complaint(step))]
        if complaints:
            return failed(*complaints)
        return done(*({"KV": it} for step in steps for it in self._done(step)))

    def _complaint(self, step: Mapping[str, Any]) -> str:
        key, verb = step["Key"].removeprefix("p/"), step["Verb"]
        there = self.records.get(key)
        if verb == "check-not-exists":
            return f'key "{key}" exists' if there else ""
        if verb == "check-index":
            return "" if there and there["ModifyIndex"] == step["Index"] else "failed index check"
        if verb == "get":
            return "" if there else "key doesn't exist"
        if verb == "lock":
            return "" if step["Session"] in self.living else "invalid session"
        assert verb == "get-tree"
        return ""

    def _done(self, step: Mapping[str, Any]) -> list[Fields]:
        key = step["Key"].removeprefix("p/")
        if step["Verb"] == "lock":
            return [{**self.put(key, step["Session"], base64.b64decode(step["Value"])), "Value": None}]
        if step["Verb"] == "get-tree":
            found = [key_ for key_ in sorted(self.records) if key_.startswith(key)]
            return [self.records[it] for it in found if it not in self.hidden]
        return [self.records[key]] if key in self.records and key not in self.hidden else []
