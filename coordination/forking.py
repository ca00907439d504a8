"""What must not be under way in another thread when a process forks: the fork waits for its end.

Python keeps a lock for each module while it is being loaded, and OpenSSL keeps locks of its own, for
its random numbers among others. A child of a fork in that moment inherits such a lock taken, by a thread
that the child does not have, and waits for ever when it wants the same. So late imports, and those calls
into OpenSSL during which Python lets other threads run, are made under one mutex, and forking waits for it.
Nothing done under it may wait, neither for the network nor for another mutex of ours.
"""

from __future__ import annotations

# Loaded before our hooks are registered, for those registered last come first: a module that is loaded
# under our mutex and asks for its logger would wait for a fork that has taken logging's, and that for us.
import logging  # noqa: F401
import os
import threading

NO_FORK = threading.RLock()
"""Held meanwhile. Reentrant: modules load modules, and signal handlers may do all this too."""

if hasattr(os, "register_at_fork"):
    # The methods themselves: in a function, a signal handler that raises could leave it taken.
    os.register_at_fork(
        before=NO_FORK.acquire, after_in_parent=NO_FORK.release, after_in_child=NO_FORK.release
    )
