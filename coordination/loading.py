"""Modules that are loaded at their first use, safely beside a fork.

Python keeps a lock for each module while it is being loaded. A child of a fork in that moment inherits it
taken, by a thread that the child does not have, and waits for ever when it loads the same module. So late
imports, which may happen on any thread at any time, are made under one mutex, and forking waits for it.
"""

from __future__ import annotations

import os
import threading

LOADING = threading.RLock()
"""Held by whoever imports late. Reentrant: modules load modules, and signal handlers may too."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=LOADING.acquire, after_in_parent=LOADING.release, after_in_child=LOADING.release
    )
