"""Where the options of `run` and `lock` end and the words of COMMAND begin; which words are ours at all."""

from __future__ import annotations

import click

_OURS = f"{__name__}.ours"


def note_ours(ctx: click.Context, words: list[str]) -> None:
    """Remember the words of the command line that are ours to understand."""
    ctx.meta[_OURS] = words[: words.index("--")] if "--" in words else list(words)


def asks_for_json(ctx: click.Context) -> bool:
    """A command line that could not be parsed has set nothing yet, so look at its words."""
    return "--json" in ctx.meta[_OURS]


class NameThenCommand(click.Command):
    """Takes options before and after NAME, and none from COMMAND's first word on, with or without `--`.

    Click knows only "everywhere" and "before NAME"; the one would swallow COMMAND's own options, the
    other would take an option after NAME for the command.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put all options in front, and `--` behind them."""
        ctx.allow_interspersed_args = False
        named = self._behind_options(ctx, args)
        options = args[: len(args) - len(named)]
        if options[-1:] != ["--"]:
            command = self._behind_options(ctx, named[1:])
            options += named[1 : len(named) - len(command)]
            named = [*named[:1], *command]
        if options[-1:] == ["--"]:
            options.pop()
        note_ours(ctx, options)
        return super().parse_args(ctx, [*options, "--", *named])

    def _behind_options(self, ctx: click.Context, words: list[str]) -> list[str]:
        """The words that are left after leading options, and after the `--` that may end them."""
        options = click.Command(None, params=[each for each in self.params if isinstance(each, click.Option)])
        return options.make_parser(ctx).parse_args(list(words))[1]
