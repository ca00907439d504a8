"""What can befall a request over HTTP; `HttpProxy` has it happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from integration.servers.fault import Fault
from integration.servers.http_manners import Manner
from integration.servers.http_wire import Answer, Request

Match = str | Callable[[Request], bool]
"""Which requests are meant: those whose path starts like this, or of which this is true."""
Lie = Callable[[Answer], Answer]

NO_FAULT = Fault()


@dataclass(frozen=True)
class HttpFault(Fault):
    """What can befall a request over HTTP besides."""

    unsent: bool = False
    """The connection breaks before the request has reached Consul, which never sees it."""
    answer: Answer | None = None
    """Comes instead of Consul's, which never sees the request."""
    manner: Manner | None = None
    """The client is treated in this manner instead, and Consul never sees the request."""
    lie: Lie | None = None
    """Makes the answer out of the true one."""

    @property
    def ours(self) -> bool:
        """Whether Consul has no part in it."""
        return self.unsent or self.answer is not None or self.manner is not None


def refusal(status: int, text: str = "", **headers: str) -> HttpFault:
    """The answer `status` with this text instead of Consul's, and with headers (`Location` …)."""
    phrase = text or HTTPStatus(status).phrase
    return HttpFault(answer=Answer(status, phrase.encode(), tuple(headers.items())))


def matches(match: Match, request: Request) -> bool:
    """Whether this request is meant."""
    return request.path.startswith(match) if isinstance(match, str) else match(request)
