"""Has etcd3's own lock wait for another, which its code can do with an old tenacity alone.

their_lock.py HOST PORT
"""

from __future__ import annotations

import importlib
import sys
import threading


def main(host: str, port: str) -> None:
    """Fails with a traceback, or ends with the line `waited`."""
    etcd3 = importlib.import_module("etcd3")
    first, second = (etcd3.client(host=host, port=int(port), timeout=5) for _ in range(2))
    held = first.lock("their-lock", ttl=20)
    assert held.acquire(timeout=5)
    threading.Timer(0.5, held.release).start()
    wanted = second.lock("their-lock", ttl=20)
    assert wanted.acquire(timeout=15)
    wanted.release()
    print("waited")


if __name__ == "__main__":
    main(*sys.argv[1:])
