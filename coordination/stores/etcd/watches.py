"""Watching keys: all watches of a store over one stream.

A watch asked for from a past revision is served by etcd's catch-up loop, which wakes every 100 ms.
So a new watch starts "now", and whoever began it reads once after etcd has confirmed it. After the
loss of a stream each watch is asked for again from the revision after its last event: nothing is
missed, and a tenth of a second does not matter then. Where that revision is compacted away, the
subscriber is told to look for itself.
"""

from __future__ import annotations

import itertools
import math
import random
import threading
from typing import Any

from coordination.clock import Clock
from coordination.errors import CoordinationError, StoreError, StoreUnavailable
from coordination.stores.etcd.connection import Connection
from coordination.stores.etcd.failures import Failure, Kind, refused_watch
from coordination.stores.etcd.link import CallFailed
from coordination.stores.etcd.methods import WATCH
from coordination.stores.etcd.streaming import Stream
from coordination.stores.etcd.watched import Place, Tell, Unconfirmed, Watched
from coordination.threads import started
from coordination.timing import Deadline

OPENING = 5.0
"""Seconds for one try at opening the stream again."""

SHORTEST_PAUSE = 0.02
LONGEST_PAUSE = 0.5
"""Seconds between two tries; the pause grows while streams do not last."""

LASTING = 2.0
"""Seconds after which a stream counts as one that lasted."""


class Watches:
    """The stream, as long as there is anything to watch. Safe for threads."""

    def __init__(self, clock: Clock, connection: Connection) -> None:
        self._clock = clock
        self._connection = connection
        self._ids = itertools.count(1)
        # Reentrant: a signal handler or a garbage collection may end a watch on the thread that begins one.
        self._mutex = threading.RLock()
        self._all: dict[int, Watched] = {}
        self._unconfirmed = Unconfirmed()
        self._stream: Stream | None = None
        self._running = False
        self._lapsed_at = -math.inf
        self._closed = threading.Event()

    def begin(self, place: Place, tell: Tell, timeout: float) -> Watched:
        """Watch from now on; returns once etcd has confirmed it, or raises a `StoreError`."""
        self._connection.pool.demand_home()
        bound = Deadline(self._clock, timeout)
        watched = Watched(next(self._ids), place, tell, self._forget)
        try:
            with self._mutex:
                if self._closed.is_set():
                    raise StoreUnavailable("this connection to etcd is closed")
                self._all[watched.id] = watched
                starting, self._running = not self._running, True
                self._ask(watched)
            if starting:
                self._start()
            if not watched.settled.wait(bound.left(timeout)):
                raise StoreUnavailable("etcd did not confirm a watch in time")
            if watched.error is not None:
                raise watched.error
        except BaseException:
            watched.close()
            raise
        return watched

    def close(self) -> None:
        """End the stream and its threads; nobody is told anything more."""
        self._closed.set()
        with self._mutex:
            stream, watches = self._stream, list(self._all.values())
        for watched in watches:
            watched.close()
        if stream is not None:
            stream.end()

    def _ask(self, watched: Watched) -> None:
        """On the stream, if it is open. Called with the mutex held."""
        if self._stream is not None:
            self._unconfirmed.asked(watched.id)
            self._stream.outbox.put(create_request=watched.request())

    def _forget(self, watched: Watched) -> None:
        with self._mutex:
            known = self._all.pop(watched.id, None)
            if known is not None and self._stream is not None:
                self._stream.outbox.put(cancel_request={"watch_id": watched.id})

    def _start(self) -> None:
        try:
            started(self._run, "coordination-etcd-watches")
        except StoreUnavailable:
            self._running = False
            raise

    # On the thread that reads.

    def _run(self) -> None:
        pause = 0.0
        while True:
            with self._mutex:
                if self._closed.is_set() or not self._all:
                    self._running = False
                    return
            began = self._clock.now()
            try:
                self._one_stream()
            except BaseException:
                self._running = False  # A defect of ours: the next watch starts another thread.
                raise
            lasted = self._clock.now() - began > LASTING
            pause = 0.0 if lasted else min(LONGEST_PAUSE, max(SHORTEST_PAUSE, 2 * pause))
            self._clock.wait(self._closed, pause * random.uniform(0.5, 1))  # noqa: S311 - jitter

    def _one_stream(self) -> None:
        """Open a stream and read it to its end."""
        try:
            stream = Stream(self._connection, WATCH, OPENING)
        except CoordinationError as error:
            self._tell_beginners(error)
            return
        with self._mutex:
            self._stream = stream
            self._unconfirmed = Unconfirmed()
            for watched in list(self._all.values()):
                self._ask(watched)
        try:
            while not self._closed.is_set():
                self._take(stream.read())
        except CallFailed as failed:
            failure = failed.failure
            with self._mutex:
                self._stream = None
            if not stream.failed(failure):
                for watched in list(self._all.values()):
                    watched.doubted = False  # It has not been asked with another token yet.
        stream.end()

    def _tell_beginners(self, error: CoordinationError) -> None:
        """Who is waiting for a first confirmation hears of a refusal; an absent server may come back."""
        if isinstance(error, StoreError) and not isinstance(error, StoreUnavailable):
            for watched in list(self._all.values()):
                watched.refuse(error)

    def _take(self, answer: Any) -> None:
        with self._mutex:
            watched = self._all.get(self._unconfirmed.meant(answer))
        if watched is None:
            return
        if answer.canceled:
            self._cancelled(watched, answer)
        elif answer.created:
            watched.confirmed(answer.header.revision)
        watched.happened(answer.events)

    def _cancelled(self, watched: Watched, answer: Any) -> None:
        if answer.compact_revision:
            watched.lapsed()
            self._pace(watched)
            self._ask_again(watched)
        elif refusal := refused_watch(answer.cancel_reason):
            self._denied(watched, refusal)
        else:
            raise CallFailed(Failure(Kind.UNSENT, f"etcd cancelled a watch: {answer.cancel_reason}"))

    def _pace(self, watched: Watched) -> None:
        """A server that compacts again and again would keep us both busy: begin anew, after a pause."""
        before, self._lapsed_at = self._lapsed_at, self._clock.now()
        if self._lapsed_at - before < LONGEST_PAUSE and watched.settled.is_set():
            raise CallFailed(Failure(Kind.UNSENT, "etcd compacts what it has just begun to tell"))

    def _ask_again(self, watched: Watched) -> None:
        """Under a new number: the old one is used up."""
        with self._mutex:
            if self._all.pop(watched.id, None) is None:
                return
            watched.id = next(self._ids)
            self._all[watched.id] = watched
            self._ask(watched)

    def _denied(self, watched: Watched, refusal: StoreError) -> None:
        """etcd may say the same of a token that has expired: try once with a new one."""
        if not watched.doubted:
            watched.doubted = True
            raise CallFailed(Failure(Kind.TOKEN, str(refusal), refusal))
        with self._mutex:
            self._all.pop(watched.id, None)
        watched.refuse(refusal)
