"""The command line's options as a table: one row an option, shared by every command that takes it.

Values arrive as text and are checked where all settings are, so that `--epochs 1.5`, `SEQCLI_EPOCHS=1.5` and
`epochs: 1.5` in a file get the same answer. Nothing heavy is imported here: `--help` stays fast.
"""

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import typer

from seqcli.cli.completion import CompletedValues, completer
from seqcli.cli.streams import silence_stdout
from seqcli.errors import UsageError

Given = Mapping[str, Any]
"""What the person typed, by key; options that were not given are None."""


ValueKind = Literal["text", "number", "list", "switch", "pair", "count"]

OPTIONS = "Options"
"""The help's heading over options that need none of their own."""

DECLARED = re.compile(
    r"(?:(?P<short>-\w), )?--(?P<no>\[no-\])?(?P<name>[a-z][a-z-]*)"
    r"(?: (?P<metavar>[^\s.]+))?(?P<again> \.\.\.)?  +(?P<about>\S.*)"
)
"""An option as a table of options declares it: how it is typed, two spaces or more, the help line."""


@dataclass(frozen=True)
class Flag:
    """One option.

    Args:
        key: Its name as a setting: 'batch_size' is `--batch-size`, `SEQCLI_BATCH_SIZE`, and
            `batch_size:` in YAML.
        about: The help line; says the default.
        kind: 'pair' is a switch with a `--no-` form, 'list' may be repeated, 'count' as in `-vv`.
        metavar: What stands for the value in the help.
        short: A one-letter name.
        panel: The help's heading above it.
        setting: False for options of the command itself, which no configuration file can hold.
        says: The setting and the value that a switch says in another way.
        values: What a shell completes it to; None goes by its key.
    """

    key: str
    about: str
    kind: ValueKind = "text"
    metavar: str | None = None
    short: str | None = None
    panel: str = OPTIONS
    setting: bool = True
    says: tuple[str, object] | None = None
    values: Sequence[str] | CompletedValues | None = None

    @property
    def long(self) -> str:
        """The option's name on the command line."""
        return "--" + self.key.replace("_", "-")

    @property
    def origin(self) -> str:
        """Its name in messages."""
        return self.long

    def parameter(self) -> inspect.Parameter:
        """The option as typer understands it."""
        names = [f"{self.long}/--no-{self.long[2:]}" if self.kind == "pair" else self.long]
        if self.short:
            names.append(self.short)
        annotation: Any = {"list": list[str] | None, "switch": bool, "pair": bool | None, "count": int}.get(
            self.kind, str | None
        )
        default: Any = {"switch": False, "count": 0}.get(self.kind)
        option = typer.Option(
            *names,
            help=self.about,
            metavar=self.metavar if self.kind in ("text", "number", "list") else None,
            rich_help_panel=self.panel,
            show_default=False,
            count=self.kind == "count",
            autocompletion=completer(self.key, self.values),
        )
        return inspect.Parameter(
            self.key,
            inspect.Parameter.KEYWORD_ONLY,
            default=default,
            annotation=Annotated[annotation, option],
        )


def flags(panel: str, table: str, *, setting: bool = True) -> tuple[Flag, ...]:
    """Return the options that a table declares, each in a row as the help shows it.

        --epochs N            a number, for its value's name is one letter
        --data FILE           a text
        --expect EXPR ...     one that may be repeated
        --[no-]crf            a switch that may be said either way
        -n, --dry-run         a switch, with a short name
        -v, --verbose ...     a switch that counts
                              (what is indented goes on with the help line above)

    Args:
        panel: The help's heading above them.
        table: The rows.
        setting: False for options of the command itself, which no configuration file can hold.
    """
    rows: list[str] = []
    for line in inspect.cleandoc(table).splitlines():
        if line.startswith(" "):
            rows[-1] += f" {line.strip()}"
        else:
            rows.append(line)
    return tuple(_declared(row, panel, setting=setting) for row in rows)


def _declared(row: str, panel: str, *, setting: bool) -> Flag:
    """The option of one row.

    Raises:
        ValueError: The row declares none: a mistake in seqcli itself.
    """
    parts = DECLARED.fullmatch(row)
    if parts is None:
        raise ValueError(row)
    metavar = parts["metavar"]
    kind: ValueKind = "pair" if parts["no"] else "count" if parts["again"] else "switch"
    if metavar is not None:
        # N, X, P and K stand for numbers in every help page; what a text is for has a word.
        kind = "list" if parts["again"] else "number" if len(metavar) == 1 else "text"
    key = parts["name"].replace("-", "_")
    return Flag(key, parts["about"], kind, metavar, parts["short"], panel, setting)


def chosen(table: Sequence[Flag], keys: Collection[str], *, setting: bool = True) -> tuple[Flag, ...]:
    """Return the options of these keys, in the table's order; as a command's own without `setting`."""
    return tuple(flag if setting else replace(flag, setting=False) for flag in table if flag.key in keys)


@dataclass(frozen=True)
class Positional:
    """One positional argument; `many` takes the rest of the line.

    `values` are what a shell completes it to; None goes by its key.
    """

    key: str
    about: str
    metavar: str
    many: bool = False
    values: Sequence[str] | CompletedValues | None = None

    @property
    def origin(self) -> str:
        """Its name in messages."""
        return self.metavar.strip("[].")

    def parameter(self) -> inspect.Parameter:
        """The argument as typer understands it; optional, so that a file may give it instead."""
        annotation: Any = list[str] | None if self.many else str | None
        argument = typer.Argument(
            help=self.about,
            metavar=self.metavar,
            show_default=False,
            autocompletion=completer(self.key, self.values),
        )
        return inspect.Parameter(
            self.key, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[annotation, argument]
        )


Parts = tuple[Positional | Flag, ...]
"""A command's arguments and options, in the order in which the help lists them."""


def refuse_empty_names(parts: Parts, given: Given) -> None:
    """Refuse an empty name of a file or folder, which a path would read as the folder one is in.

    Raises:
        UsageError: Says of which option.
    """
    for part in parts:
        if given.get(part.key) == "" and part.metavar in ("DIR", "FILE", "RUN", "WHAT"):
            raise UsageError(f"{part.origin} is empty", "Name a file or folder, or leave it out.")


Command = Callable[[Given], None]


MAIN = "Main"


RESULTS = "Results"


RESEARCH = "Research"


REFERENCE = "Reference"


COMMAND_PANELS = (MAIN, RESULTS, RESEARCH, REFERENCE)
"""The headings over the commands in `seqcli --help`, in their order."""


def takes(
    *parts: Positional | Flag, panel: str = MAIN, usual: Sequence[str] = (), record: str = ""
) -> Callable[[Command], Callable[..., None]]:
    """Give a command its arguments and options; it receives them as one mapping.

    Args:
        parts: In the order in which the help lists them.
        panel: The heading under which `seqcli --help` lists the command.
        usual: The options that `-h` shows; all of them where none is named.
        record: Where the record of its settings is, 'package.module:Name'.
    """

    def declare(command: Command) -> Callable[..., None]:
        def call(**values: Any) -> None:
            from seqcli.reports.progress.preparation_line import preparation_shown

            refuse_empty_names(parts, values)
            try:
                with preparation_shown(values.get("color"), quiet=bool(values.get("quiet"))):
                    command(values)
            # `| head -1`: a reader who has enough is no fault, and Python would complain at exit.
            except BrokenPipeError:
                silence_stdout()
                raise typer.Exit from None

        parameters = [part.parameter() for part in parts]
        call.__name__ = command.__name__
        call.__doc__ = command.__doc__
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        for name, value in (("panel", panel), ("parts", parts), ("usual", usual), ("record", record)):
            setattr(call, name, value)
        return call

    return declare
