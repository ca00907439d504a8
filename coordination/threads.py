"""Starting the library's own threads: daemons all, and a failure to start is an error of our tree."""

from __future__ import annotations

import threading
from collections.abc import Callable

from coordination.errors import StoreUnavailable


def started(target: Callable[[], None], name: str) -> threading.Thread:
    """A daemon thread that runs; `StoreUnavailable` if the system gives none: nothing was done, try again.

    That class because it says just this, and because whoever rides out a store that is away for a
    moment rides this out as well.
    """
    thread = threading.Thread(target=target, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise StoreUnavailable(f"the thread {name} could not be started: {error}; try again") from error
    return thread
