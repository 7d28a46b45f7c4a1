"""`seqcli kinds`: the kinds of task by the guide's four architectures, with a command for each."""

from collections.abc import Iterator

from seqcli.cli import options
from seqcli.cli.flags import REFERENCE, Given, takes

FIRST = ("sentiment", "copy")
"""Tasks to begin with, where the first by name is not the plainest of its kind."""


@takes(*options.result, *options.output, panel=REFERENCE)
def kinds(given: Given) -> None:
    """List the kinds of task by the guide's four architectures, each with a command to begin with."""
    from seqcli.cli.run import check_format, show_result
    from seqcli.data.kind import ARCHITECTURES, KINDS
    from seqcli.results.listing import Choice, Listing

    check_format(given)
    entries = [
        Choice(
            name=name,
            about=_about(name),
            group=KINDS.get(name).architecture,
            command=" · ".join(_commands(name)),
        )
        for name in KINDS.names()
    ]
    entries.sort(key=lambda entry: ARCHITECTURES.index(entry.group or ""))
    show_result(Listing(what="kinds", entries=entries), given)


def _tasks(kind: str) -> list[str]:
    """The built-in tasks of a kind, by name."""
    from seqcli.data.task import TASKS

    return [name for name in TASKS.names() if TASKS.get(name).kind == kind]


def _about(kind: str) -> str:
    """A few words on what is predicted from what: own data's, or the first built-in task's."""
    from seqcli.data.kind import KINDS
    from seqcli.data.task import TASKS, Task

    own_task = KINDS.get(kind).own
    task = own_task(name="data") if own_task is not None else TASKS.get(_tasks(kind)[0])
    return task.page.summary.removesuffix(", on your own data") if isinstance(task, Task) else kind


def _commands(kind: str) -> Iterator[str]:
    """The commands to begin with: on a built-in task of the kind, and on a person's own file."""
    from seqcli.data.kind import KINDS

    built_in = _tasks(kind)
    if built_in:
        yield f"seqcli compare --task {next((name for name in FIRST if name in built_in), built_in[0])}"
    if KINDS.get(kind).own is not None:
        yield f"seqcli compare --kind {kind} --data FILE"


COMMAND = kinds
