"""The command, forked early and paused until it is told the token.

Forking before there are threads makes it safe to do work between fork and exec, and waiting there
means that the guardian knows the process group, and the terminal belongs to it, before the command
runs. If the supervisor dies meanwhile, the pipe closes and the paused process just ends.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NoReturn

from coordination.cli.supervise import exits
from coordination.cli.supervise.inbox import unblock

NAME_VARIABLE = "COORDINATION_NAME"
VERSION_VARIABLE = "COORDINATION_VERSION"
TOKEN_VARIABLE = "COORDINATION_TOKEN"  # noqa: S105 - a fencing token is no secret
SECRET_VARIABLE = "COORDINATION_SECRET"  # noqa: S105 - the name of a variable


class PausedCommand:
    """A child that leads its own process group (`pid` is both) and has not become the command yet.

    `variables`: what its environment has besides ours and the token.
    """

    def __init__(self, argv: Sequence[str], variables: Mapping[str, str]) -> None:
        # An inherited "ignore" would make the kernel swallow the exit statuses we wait for.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        go_read, self._go = os.pipe()
        self._verdict, verdict_write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._go)
            _become(go_read, verdict_write, list(argv), variables)
        os.close(go_read)
        os.close(verdict_write)
        with suppress(OSError):  # the child does the same; whoever comes first
            os.setpgid(self.pid, self.pid)

    def go(self, token: int) -> None:
        """Become the command now."""
        with suppress(BrokenPipeError):  # somebody killed it while it waited: reaped like any end
            os.write(self._go, b"%d\n" % token)
        self.call_off()

    def call_off(self) -> None:
        """Never become the command, if `go` was not called; may be called twice."""
        if self._go >= 0:
            os.close(self._go)
            self._go = -1

    def failure(self) -> str | None:
        """Once it has ended: why it could not become the command; None if it did."""
        if self._verdict < 0:
            return None
        message = os.read(self._verdict, 4096).decode(errors="replace")
        os.close(self._verdict)
        self._verdict = -1
        return message or None


def _become(go_read: int, verdict_write: int, argv: list[str], variables: Mapping[str, str]) -> NoReturn:
    code = exits.NOT_EXECUTABLE
    try:
        os.setpgid(0, 0)
        _restore_signals()
        token = os.read(go_read, 64).decode().strip()
        if not token:
            os._exit(0)
        os.execvpe(argv[0], argv, _environment({**variables, TOKEN_VARIABLE: token}))  # noqa: S606 - no shell is wanted
    except FileNotFoundError:
        code = exits.NOT_FOUND
        os.write(verdict_write, b"command not found")
    except OSError as error:
        os.write(verdict_write, (error.strerror or str(error)).encode())
    finally:
        os._exit(code)


def _restore_signals() -> None:
    """Undo what the interpreter and we changed for ourselves; what our parent ignored stays ignored."""
    unblock()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    for signum in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(signum, signal.SIG_DFL)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    environment = {key: value for key, value in os.environ.items() if key != SECRET_VARIABLE}
    return {**environment, **variables}
