"""Help as people read it: what a command does, how it is typed, the usual options, and where the rest is.

`-h` fits a screen; `--help-all` lists every option by its topic. Nothing heavy is imported for either, and
the lines are plain: a box would take a fifth of 80 columns.
"""

import inspect
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pkgutil import resolve_name
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from seqcli.cli.flags import Flag, Positional

WIDEST, NARROWEST = 100, 40
"""Columns of a page of help, whatever the terminal has: longer lines are hard to read."""

WHOLE = "--help-all"
GENERAL = frozenset({"batch_size", "color", "config", "print_config", "set", "threads"})
"""Options of most commands that the short page of none needs."""

APART = re.compile(r"\s{2,}")
"""What stands between a command of an example and what it is for."""

NAMES = 22
"""Columns of an option's name; what is longer stands on a line of its own."""


class CommandHelp(TyperCommand):
    """A command with a short page and a whole one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; `--help-all` anywhere in it prints the whole page and stops."""
        # Behind `--` stand texts, and one of them may be '--help-all'.
        before_texts = args[: args.index("--")] if "--" in args else args
        if WHOLE in before_texts and not ctx.resilient_parsing:
            show(command_page(ctx.command_path, self.callback, in_full=True))
            raise typer.Exit
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the short page."""
        formatter.write(shown_but_last(command_page(ctx.command_path, self.callback, in_full=False)))

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """The options, `--help-all` among them, where one is being typed."""
        items = super().shell_complete(ctx, incomplete)
        if items and incomplete.startswith("-") and WHOLE.startswith(incomplete):
            items.append(type(items[0])(WHOLE, help="Show every option, by topic."))
        return items


class GroupHelp(TyperGroup):
    """The program itself; it lists its commands in the order of their panels."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; `--help-all` before a command tells what each command does."""
        if args[:1] == [WHOLE]:
            show(program_page(self, in_full=True))
            raise typer.Exit
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer calls it so
        """Write the commands, by what they are for, after a few examples."""
        formatter.write(shown_but_last(program_page(self, in_full=False)))


def show(page: str) -> None:
    """Write a page line by line: of one long text a full disk may take a part and tell nobody."""
    for line in page.splitlines():
        typer.echo(line)


def shown_but_last(page: str) -> str:
    """Write all lines but the last, which is returned: typer itself writes what help returns."""
    *lines, last = page.splitlines()
    show("\n".join(lines))
    return last


def page_width() -> int:
    """Return the columns that a page of help may take."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((80, 24)).columns))


def command_page(path: str, command: Any, *, in_full: bool) -> str:
    """Return a command's page.

    Args:
        path: What is typed before its arguments: 'seqcli compare'.
        command: The command's function, with what `takes` gave it.
        in_full: Every option by topic, and what can be set without one; else the usual ones.
    """
    width = page_width()
    parts: Sequence[Flag | Positional] = command.parts
    about, examples, more = _described(command)
    positional = [part for part in parts if isinstance(part, Positional)]
    flags = [part for part in parts if isinstance(part, Flag)]
    usual = [flag for flag in flags if flag.key in (command.usual or {flag.key} - GENERAL)]
    named = " ".join(_place(part) for part in positional)
    lines = [*_wrapped(about, width), "", *(_example(line, width) for line in examples)]
    lines += [""] * bool(examples) + [f"{_bold('Usage')}: {path} {named} [OPTIONS]".replace("  ", " ")]
    lines += [""]
    if in_full:
        lines += [line for part in positional for line in _entry(part, width)]
        lines += [line for text in more for line in ("", *_wrapped(text, width))]
        lines += _by_topic(flags, width) + _without_option(command, flags, width)
    else:
        listed: list[Flag | Positional] = [*positional, *usual]
        lines += [line for part in listed for line in _entry(part, width, in_full=False)]
        lines += ["", f"All {len(flags)} options, by topic: {path} {WHOLE}"]
    return "\n".join(lines) + "\n"


def program_page(group: Any, *, in_full: bool) -> str:
    """Return the program's page: a few commands as they are typed, then all by their panels.

    Args:
        group: The program.
        in_full: Tell what each command does; else only those of the first panel are explained.
    """
    width = page_width()
    about, examples, more = _described(group.callback)
    lines = [*_wrapped(f"seqcli: {about[0].lower()}{about[1:]}", width), "", _bold("Start")]
    lines += [_example(line, width) for line in examples]
    panels = groupby(group.commands.values(), key=lambda command: str(command.rich_help_panel))
    for number, (panel, commands) in enumerate(panels):
        if in_full or not number:
            lines += [_bold(panel), *(_summary(command, width) for command in commands)]
        else:
            names = " · ".join(command.name for command in commands)
            lines += [_bold(f"{panel:<12}") + names]
    lines += [line for text in more for line in ("", *_wrapped(text, width))]
    return "\n".join(lines) + "\n"


def _example(line: str, width: int) -> str:
    """A command as it is typed; what it is for goes where the page is too narrow for both."""
    return f"  {line if len(line) + 2 <= width else APART.split(line)[0]}"


def _summary(command: Any, width: int) -> str:
    """A command and what it does, in one line."""
    return f"  {command.name:<11} {textwrap.shorten(command.short_help, width - 14, placeholder='…')}"


def _described(command: Any) -> tuple[str, list[str], list[str]]:
    """Return the first paragraph of a command's docstring, its examples, and the other paragraphs."""
    text = inspect.cleandoc(command.__doc__ or "")
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    about, rest = " ".join(paragraphs[0].split()), paragraphs[1:]
    is_example = [part.startswith("seqcli ") for part in rest]
    examples = [line for part, yes in zip(rest, is_example, strict=True) if yes for line in part.splitlines()]
    more = [" ".join(part.split()) for part, yes in zip(rest, is_example, strict=True) if not yes]
    return about, examples, more


def _by_topic(flags: Iterable[Flag], width: int) -> list[str]:
    """Every option under its heading, in the order in which the headings first come."""
    panels = list(dict.fromkeys(flag.panel for flag in flags))
    lines = []
    for panel in panels:
        lines += ["", _bold(panel)]
        lines += [line for flag in flags if flag.panel == panel for line in _entry(flag, width)]
    return lines


def _without_option(command: Any, flags: Iterable[Flag], width: int) -> list[str]:
    """The settings that have no option of their own, and how they are given."""
    if not command.record:
        return []
    from seqcli.config.layers import keys

    options = {flag.key for flag in flags}
    positional = {part.key for part in command.parts if isinstance(part, Positional)}
    rest = sorted(keys(resolve_name(command.record)) - options - positional)
    lines = ["", _bold("Without an option")]
    if rest:
        lines += _wrapped(f"--set KEY=VALUE, or in a YAML file: {', '.join(rest)}.", width, "  ")
    if "task" in options:
        lines += _wrapped(
            "A model's own settings stand after its name, gru:gain=2 (`seqcli models show NAME`); a task's"
            " own are --set task.KEY=VALUE (`seqcli tasks show NAME`).",
            width,
            "  ",
        )
    return lines if len(lines) > 2 else []


def _place(part: Positional) -> str:
    """An argument as the usage line shows it; brackets of its own say already what may be left out."""
    return part.metavar if "[" in part.metavar else f"[{part.metavar}]{'...' if part.many else ''}"


def _entry(part: Flag | Positional, width: int, *, in_full: bool = True) -> Iterator[str]:
    """One argument or option: its name, and beside it what it is for, in one line where not in whole."""
    room = width - NAMES - 2
    if isinstance(part, Positional):
        name = f"  {part.metavar}"
    else:
        value = f" {part.metavar or ''}".rstrip() if part.kind in ("text", "number", "list") else ""
        switch = part.long if part.kind != "pair" else f"--[no-]{part.long[2:]}"
        name = f"  {part.short + ', ' if part.short else ''}{switch}{value}"
    text = _wrapped(part.about if in_full else in_short(part.about, room), room)
    if len(name) > NAMES:
        yield name
    else:
        yield f"{name:<{NAMES}}  {text.pop(0)}"
    yield from (f"{'':<{NAMES}}  {line}" for line in text)


def in_short(about: str, room: int) -> str:
    """A help text in one line of so many columns: its first part, and its default."""
    if len(about) <= room:
        return about
    stated = re.search(r"\(default[: ][^,;)]*", about)
    default = f" {stated[0]})" if stated else ""
    shorter = []
    for end in re.finditer(r"[;:,](?=\s)|\s\(", about):
        first = about[: end.start()]
        if first.count("(") == first.count(")") and ";" not in first:
            first += ", …" if end[0] == "," else ""  # what a list leaves out is not hidden
            shorter.append(first if default.strip(" ()") in first else first + default)
    fitting = [text for text in shorter if len(text) <= room]
    return max(fitting, key=len) if fitting else textwrap.shorten(about, room, placeholder="…")


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _bold(heading: str) -> str:
    """The heading, bold where a terminal shows that."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    return typer.style(heading, bold=True) if on_terminal and not plain else heading
