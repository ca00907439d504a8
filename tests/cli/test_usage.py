"""Command lines that can never work, and whose word an option is: ours or the supervised command's."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.conftest import Cli


@pytest.mark.parametrize(
    "words",
    [
        ("acquire", "job", "--period", "0"),
        ("acquire", "job", "--period", "nan"),
        ("acquire", "job", "--timeout", "-1"),
        ("acquire", "job", "--meta", "novalue"),
        ("acquire", "job", "--meta", "a=1", "--meta", "a=2"),
        ("acquire", ""),
        ("steal", "job"),
        ("steal", "job", "--index", "0"),
        ("renew", "job"),
        ("get",),
        ("get", "job", "--nosuch"),
        ("nosuch",),
        ("get", "job", "--store", "nosuch://x"),
        ("run", "job", "--period", "0", "--", "true"),
        ("lock", "job"),
        ("lock", "job", "--ttl", "0", "--", "true"),
        ("lock", "job", "--meta", "novalue", "--", "true"),
        ("lock", "job", "--meta", "coordination.x=1", "--", "true"),
        ("lock", "", "--", "true"),
        ("holders", ""),
        ("break", "job"),
        ("break", "job", "--token", "0"),
        ("ask",),
        ("elect", "job"),
        ("elect", "job", "--ttl", "0", "--", "true"),
        ("members", ""),
        ("members", "web", "--timeout", "3"),
        ("members", "web", "--join"),
        ("members", "web", "--join", "--watch", "--", "true"),
        ("members", "web", "--", "true"),
        ("members", "web", "--meta", "a=1"),
        ("members", "web", "--machine-id", "m"),
        ("members", "web", "--join", "--timeout", "-1", "--", "true"),
        ("members", "", "--join", "--", "true"),
        ("units", "", "--add", "a"),
        ("top", "--interval", "0"),
    ],
)
def test_wrong_usage_ends_with_2(cli: Cli, words: tuple[str, ...]) -> None:
    """Whoever notices it, the parser or the library; nothing on stdout, JSON where it was asked for."""
    plain = cli(*words)
    assert (plain.exit_code, plain.stdout) == (2, "")
    assert plain.stderr
    at = words.index("--") if "--" in words else len(words)
    result = cli(*words[:at], "--json", *words[at:])
    assert json.loads(result.stderr)["exit_code"] == result.exit_code == 2


def test_a_json_of_the_supervised_command_is_not_ours(cli: Cli) -> None:
    """From the command's first word on it belongs to another program, so the error stays plain."""
    for ours in (("run", "--period", "x"), ("lock", "--ttl", "x"), ("elect", "--ttl", "x")):
        for separator in ((), ("--",)):
            result = cli(*ours, "job", *separator, "true", "--json")
            assert result.exit_code == 2
            assert result.stderr.startswith("Usage:")


@pytest.mark.parametrize("verb", ["run", "lock"])
def test_the_usage_shows_where_our_options_end(cli: Cli, verb: str) -> None:
    """People see the form that is safe for every command."""
    assert f"{verb} [OPTIONS] NAME -- COMMAND...\n" in cli(verb, "--help").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("acquire", "job"),
        ("ask", "job"),
        ("break", "job", "--token", "3"),
        ("elect", "job", "true"),
        ("elect", "job", "--show"),
        ("get", "job"),
        ("health",),
        ("holders", "job"),
        ("lock", "job", "true"),
        ("ls",),
        ("members", "web"),
        ("members", "web", "--join", "true"),
        ("release", "job"),
        ("renew", "job"),
        ("run", "job", "true"),
        ("steal", "job", "--index", "3"),
        ("top",),
        ("units", "jobs"),
        ("watch", "job"),
    ],
)
@pytest.mark.parametrize("url", ["memory://", "memory://name"])
def test_a_store_of_one_process_is_refused(cli: Cli, words: tuple[str, ...], url: str) -> None:
    """A lease that ends with the command guards nothing; the line says what to use instead."""
    for store, variable in ((("--store", url), "file:///unused"), ((), url)):
        result = cli(*store, *words, COORDINATION_URL=variable, COORDINATION_SECRET="s")
        assert (result.exit_code, result.stdout) == (2, "")
        assert len(result.stderr.splitlines()) == 1
        assert re.search(rf"{url} .*file:///", result.stderr)
