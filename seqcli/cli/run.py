"""The course of every running command: tell the plan, follow the events, draw the result."""

import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from seqcli.cli.flags import Flag, Given, Positional
from seqcli.cli.signals import StopSignals
from seqcli.errors import StoppedError, unknown_name

if TYPE_CHECKING:
    from pydantic import BaseModel

    from seqcli.config.layers import Setting
    from seqcli.config.settings import Settings
    from seqcli.reports.draw.sheet import Result
    from seqcli.reports.draw.terminal import Colour, ConsoleOptions
    from seqcli.reports.progress.board import WorkAhead
    from seqcli.results.events import Event

    C = TypeVar("C", bound=Settings)

R = TypeVar("R")

MACHINE_FORMATS = ("csv", "json", "jsonl", "tidy")
"""These are UTF-8 wherever no person looks at them."""
COLOURS = ("auto", "always", "never")


def console_options(given: Given) -> "ConsoleOptions":
    """Return the console's options from `--color`, `-q` and `-v`.

    Raises:
        UsageError: An unknown colour mode.
    """
    from seqcli.reports.draw.terminal import ConsoleOptions

    color = given.get("color") or "auto"
    if color not in COLOURS:
        raise unknown_name("colour mode", color, COLOURS)
    chosen = cast("Colour", color)
    quiet, verbose = bool(given.get("quiet")), bool(given.get("verbose"))
    return ConsoleOptions(color=chosen, quiet=quiet, verbose=verbose, report=given.get("report"))


def check_format(given: Given) -> str:
    """The format asked for, checked before any work is done.

    Raises:
        UsageError: No such format (the known ones are listed), or `--per-seed` of one that has no such rows.
    """
    from seqcli.reports.report import FORMATS

    name = str(given.get("format") or "table")
    if name not in FORMATS.names():
        raise unknown_name("format", name, FORMATS.names())
    if given.get("per_seed"):
        FORMATS.get(name).per_seed()
    return name


def speak(lines: Sequence[str], given: Given, *, always: Sequence[str] = ()) -> None:
    """Tell what is to come, on stderr.

    Args:
        lines: What is left out where `-q` was given.
        given: What the person typed.
        always: What changes what to believe, told even then.
    """
    quiet = console_options(given).quiet
    warn(list(always) if quiet else [*lines, *(line for line in always if line not in lines)])


def warn(lines: Sequence[str]) -> None:
    """Tell on stderr what a person must know of the result, quiet or not, fitted to a terminal's width."""
    from seqcli.reports.draw.placement import hanging
    from seqcli.reports.draw.printable import printable
    from seqcli.reports.draw.terminal import ConsoleOptions, page_of, stderr_console, write

    # Python sets it so where a shell closed it: `2>&-`.
    if sys.stderr is None or not lines:
        return
    page, shown = page_of(stderr_console(ConsoleOptions())), [printable(line) for line in lines]
    if page.terminal:
        # Escaped first: what is wrapped are the characters that are shown.
        shown = [part for line in shown for part in hanging(line, page.columns)]
    write("".join(line + "\n" for line in shown), sys.stderr)


def follow(
    events: "Generator[Event, None, R]",
    kind: Literal["train", "compare"],
    given: Given,
    *,
    stop: StopSignals,
    work: "WorkAhead",
) -> R:
    """Show events as they come and return what comes of them.

    Raises:
        StoppedError: A stop was asked for; its exit code is the signal's when a signal asked.
    """
    from seqcli.data.preparation_steps import watched
    from seqcli.reports.progress.progress import progress
    from seqcli.results.events import drive

    with watched(None), progress(kind, console_options(given), work) as show:
        try:
            return drive(events, show)
        except StoppedError as error:
            # Whoever stopped it raised 75, the code of a time limit; a signal has 128 + its number.
            error.exit_code = stop.exit_code(error.exit_code)
            raise


def table_in_sight(given: Given) -> bool:
    """Return whether a person reads the result as a table on the terminal that also shows what ends it."""
    from seqcli.reports.draw.terminal import stdout_page

    return check_format(given) == "table" and stdout_page(console_options(given)).terminal


def show_result(result: "Result", given: Given) -> None:
    """Write the result to stdout in the format asked for."""
    from dataclasses import replace

    from seqcli.reports.draw.terminal import stdout_page, write, write_machine
    from seqcli.reports.report import render

    name, page = check_format(given), stdout_page(console_options(given))
    # A terminal shows bytes to a person, in its own encoding; a pipe or file is read by a program.
    for_machines = name in MACHINE_FORMATS and not page.terminal
    text = render(
        result,
        name,
        replace(page, encoding="utf-8") if for_machines else page,
        per_seed=bool(given.get("per_seed")),
    )
    (write_machine if for_machines else write)(text)


def configure(config_type: "type[C]", parts: Iterable[Flag | Positional], given: Given) -> "C | None":
    """The command's checked configuration; None when it was asked to show it and has.

    Raises:
        UsageError: A setting is unknown or not allowed; the message names where it was set.
    """
    from seqcli.cli.resolve import resolve

    config, settings = resolve(config_type, parts, given)
    if given["print_config"]:
        show_configuration(config, settings, given)
        return None
    return config


def show_configuration(record: "BaseModel", settings: "Mapping[str, Setting]", given: Given) -> None:
    """Write every setting, its value and where it came from: as YAML that `-c` takes, origins as comments."""
    from seqcli.config.layers import explain
    from seqcli.reports.draw.printable import printable
    from seqcli.reports.draw.terminal import write

    if given.get("format") == "json":
        rows: list[dict[str, Any]] = [
            {"setting": key, "value": value, "origin": origin}
            for key, value, origin in explain(record, settings)
        ]
        write(json.dumps(rows, ensure_ascii=False, indent=2, default=str) + "\n")
        return
    # Origins stand behind '#': what is printed can be saved and given to -c as it is.
    spelt = [(f"{key}: {yaml_value(value)}", origin) for key, value, origin in explain(record, settings)]
    width = max(len(text) for text, _ in spelt)
    write("".join(f"{printable(text).ljust(width)}  # {printable(origin)}\n" for text, origin in spelt))


def yaml_value(value: object) -> str:
    """A setting's value as one line of YAML; JSON is YAML, and quotes what needs quotes."""
    plain = str(value) if not isinstance(value, bool | int | float | str | tuple | list | None) else value
    return json.dumps(plain, ensure_ascii=False)


def print_lines(lines: Iterable[str]) -> None:
    """Write plain lines to stdout as a command's result, each as soon as it is there."""
    from seqcli.reports.draw.placement import hanging
    from seqcli.reports.draw.printable import printable
    from seqcli.reports.draw.terminal import ConsoleOptions, stdout_page, write

    page = stdout_page(ConsoleOptions())
    for line in map(printable, lines):
        parts = hanging(line, page.columns) if page.terminal else [line]
        write("".join(part + "\n" for part in parts))
