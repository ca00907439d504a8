"""Who we are to the cluster: user and password, from a URL, options and etcdctl's environment.

What is wrong with them is said without showing them.
"""

from __future__ import annotations

from collections.abc import Mapping

from coordination.errors import ConfigurationError
from coordination.hidden import Hidden
from coordination.options import Options, decoded, text_of


def account_of(
    text: str, options: Options, environment: Mapping[str, str]
) -> tuple[str | None, Hidden | None]:
    """User and password, or neither. `text` is what a URL says before the @; takes its own options.

    An option `user` may be `name:password`, as `ETCDCTL_USER` may be. A name with a colon in it is
    for the URL, percent-encoded.
    """
    name, _, word = text.partition(":")
    user, password = decoded("the user", name) or None, decoded("the password", word) or None
    user, password = _with_options(user, password, text_of(options, "user"), text_of(options, "password"))
    if user is None or password is None:
        user, password = _with_environment(user, password, environment)
    if password is not None and user is None:
        raise ConfigurationError("a password takes a user: give user, or set ETCDCTL_USER")
    if user is not None and password is None:
        raise ConfigurationError(
            f"the user {user!r} takes a password: give password, or user='name:password'"
        )
    return user, None if password is None else Hidden(password)


def _with_options(
    user: str | None, password: str | None, given_user: str | None, given_password: str | None
) -> tuple[str | None, str | None]:
    if given_user is not None and ":" in given_user:
        if given_password is not None:
            raise ConfigurationError("the option user holds a password, and there is password: give it once")
        given_user, _, given_password = given_user.partition(":")
    if user is not None and given_user is not None:
        raise ConfigurationError("the user is in the URL and among the options: give it once")
    if password is not None and given_password is not None:
        raise ConfigurationError("the password is in the URL and among the options: give it once")
    return user or given_user or None, password or given_password or None


def _with_environment(
    user: str | None, password: str | None, environment: Mapping[str, str]
) -> tuple[str | None, str | None]:
    """What is left out; the password in `ETCDCTL_USER` belongs to that user alone."""
    named, _, word = environment.get("ETCDCTL_USER", "").partition(":")
    if user is not None and user != named:
        word = ""
    return user or named or None, password or word or environment.get("ETCDCTL_PASSWORD") or None
