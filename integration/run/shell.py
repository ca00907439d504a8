"""The smallest shell with job control: `python shell.py FOLDER COMMAND…`, its terminal on stdin.

Runs COMMAND as its foreground job. When the job stops, writes FOLDER/stopped and waits for
FOLDER/fg, which continues it in the foreground. At the end FOLDER/result has the wait status's code
and whether the job's own group was the terminal's foreground group again.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import termios
import time
from pathlib import Path


def _job(command: list[str]) -> int:
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execvp(command[0], command)
    return pid


def main(folder: Path, command: list[str]) -> None:
    """Run the job to its end."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = _job(command)
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        foreground = os.tcgetpgrp(0)
        os.tcsetpgrp(0, os.getpgrp())
        if not os.WIFSTOPPED(status):
            break
        _tell(folder, "stopped", f"{foreground == job}")
        while not (folder / "fg").exists():
            time.sleep(0.01)
        (folder / "fg").unlink()
        (folder / "stopped").unlink()
        os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)
    _tell(folder, "result", f"{os.waitstatus_to_exitcode(status)} {foreground == job}")


def _tell(folder: Path, name: str, text: str) -> None:
    """The file appears with what is in it: somebody waits for it."""
    draft = folder / f".{name}"
    draft.write_text(text)
    draft.rename(folder / name)


if __name__ == "__main__":
    # In this process SIGTTOU would stop the child's own tcsetpgrp, too, before it is ignored.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    main(Path(sys.argv[1]), sys.argv[2:])
