"""Being told of changes of one key, or in one folder: what a recipe waits on between two looks."""

from __future__ import annotations

from coordination.runtime import Runtime, Signal
from coordination.store import Store, Subscription


class Bell:
    """A subscription for a recipe to wait on. Close it, whatever became of `listen`.

    `key`: a whole key, or a folder, which ends in a slash. `rung`: what others set as well.
    """

    def __init__(self, runtime: Runtime, store: Store, key: str, rung: Signal | None = None) -> None:
        self._runtime = runtime
        self._store = store
        self._key = key
        self._rung = rung or runtime.signal()
        self._subscriptions: list[Subscription] = []
        self._closed = False

    @property
    def listening(self) -> bool:
        """Whether `listen` has worked."""
        return bool(self._subscriptions)

    def listen(self, timeout: float) -> None:
        """Subscribe: a request, so a step for `call`, which may still be under way at the close."""
        self._subscriptions.append(self._store.watch(self._key, 0, self._ring, timeout=timeout))
        if self._closed:
            self.close()

    async def wait(self, pause: float) -> None:
        """Wait until it rings, at most `pause` seconds."""
        await self._runtime.wait(self._rung, pause)
        self._rung.clear()

    def close(self) -> None:
        """Listen no more. No request; may be called twice."""
        self._closed = True
        for subscription in tuple(self._subscriptions):
            subscription.close()

    def _ring(self, key: str, index: int) -> None:
        if key == self._key or self._key.endswith("/"):
            self._rung.set()
