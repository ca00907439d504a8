"""The commands that the supervisor is tried on: `python child.py MODE FOLDER`.

Each writes its pid to FOLDER/leader when it is ready; the rest of what it does is in its function.
Nothing here imports the package, so that it starts fast.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

LONG = 60.0
"""Seconds after which a child ends by itself, so that a broken supervisor leaves nothing for ever."""


def _write(folder: Path, name: str, text: str) -> None:
    """Atomically, so that a test never reads half of it."""
    draft = folder / f".{name}.{os.getpid()}"
    draft.write_text(text, encoding="utf-8")
    draft.rename(folder / name)


def _ready(folder: Path) -> None:
    _write(folder, "leader", str(os.getpid()))


def _now() -> float:
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _work(folder: Path, log: str = "work") -> None:
    """Write the time every 10 ms: the last line tells until when we really ran."""
    until = _now() + LONG
    with (folder / log).open("a", encoding="utf-8", buffering=1) as file:
        while (now := _now()) < until:
            file.write(f"{now}\n")
            time.sleep(0.01)


def _start_family(folder: Path) -> None:
    """A child, a grandchild and an orphan in our group, all deaf to TERM; returns when all of them work."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        if os.fork() == 0:
            _work(folder, "work.grandchild")
        _work(folder, "work.child")
    if os.fork() == 0:
        if os.fork() == 0:
            _work(folder, "work.orphan")
        os._exit(0)
    while not all(_has_begun(folder / f"work.{who}") for who in ("child", "grandchild", "orphan")):
        time.sleep(0.01)


def _has_begun(log: Path) -> bool:
    return log.exists() and log.stat().st_size > 0


def obedient(folder: Path) -> None:
    """Works until it is told to end."""
    _ready(folder)
    _work(folder)


def stubborn(folder: Path) -> None:
    """Ignores every polite request, and notes when TERM came."""
    for signum in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(signum, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: _write(folder, "asked", str(_now())))
    _ready(folder)
    _work(folder)


def family(folder: Path) -> None:
    """Has a family and idles beside it, deaf to TERM, too."""
    _start_family(folder)
    _ready(folder)
    time.sleep(LONG)


def bereaved(folder: Path) -> None:
    """Has a family, and leaves it alone with code 5."""
    _start_family(folder)
    _ready(folder)
    sys.exit(5)


def seven(folder: Path) -> None:
    """Exits 7."""
    _ready(folder)
    sys.exit(7)


def killed(folder: Path) -> None:
    """Is ended by SIGUSR1."""
    _ready(folder)
    os.kill(os.getpid(), signal.SIGUSR1)
    time.sleep(LONG)


def listener(folder: Path) -> None:
    """Writes down each signal; ends with 9 at TERM."""
    heard: list[str] = []

    def note(signum: int, _frame: object) -> None:
        heard.append(signal.Signals(signum).name)
        _write(folder, "heard", " ".join(heard))

    for name in ("SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGTERM"):
        signal.signal(getattr(signal, name), note)
    _ready(folder)
    while "SIGTERM" not in heard:
        time.sleep(0.01)
    sys.exit(9)


def environment(folder: Path) -> None:
    """Writes down its environment, one variable per line."""
    _write(folder, "environment", "\n".join(f"{key}={value}" for key, value in os.environ.items()))
    _ready(folder)


def reader(folder: Path) -> None:
    """Reads a line from the terminal at once."""
    _ready(folder)
    with open("/dev/tty", encoding="utf-8") as terminal:
        _write(folder, "answer", terminal.readline().strip())


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]))
