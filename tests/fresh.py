"""What a fresh interpreter does when a store is opened in it: what it loads, whom it asks, what it says."""

from __future__ import annotations

import os
import subprocess
import sys

_WITHOUT = """
import sys
sys.modules[sys.argv[1]] = None
from coordination import ConfigurationError, connect
try:
    connect(sys.argv[2])
except ConfigurationError as error:
    print(error)
"""
_OPENED = """
import socket, sys, threading
def no(*args, **options):
    raise AssertionError("somebody is contacted")
socket.socket.connect = socket.getaddrinfo = no
url, *modules = sys.argv[1:]
before = set(sys.modules)
import coordination
imported = set(sys.modules) - before
manager = coordination.connect(url)
opened = set(sys.modules) - before
threads = threading.active_count()
manager.close()
for loaded in (imported, opened):
    print(*(module for module in modules if module in loaded))
print(threads, manager)
"""


def refused_without(module: str, url: str) -> str:
    """What `connect(url)` says where `module` is not installed."""
    return _ran(_WITHOUT, module, url).strip()


def opened(url: str, *modules: str) -> tuple[str, str, str]:
    """Which of `modules` an import loads, which one the store; then the number of threads and the manager.

    Fails if anybody is contacted, or asked for the address of a host.
    """
    imported, loaded, manager = _ran(_OPENED, url, *modules).splitlines()
    return imported, loaded, manager


def _ran(program: str, *arguments: str) -> str:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("ETCDCTL_", "CONSUL_"))}
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
