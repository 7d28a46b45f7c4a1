"""`seqcli tasks`: the built-in tasks and where their data comes from."""

from seqcli.cli.flags import Given, Positional, takes


@takes(
    Positional("action", "`show` for one task's page; nothing lists them all", "[show]"),
    Positional("name", "the task to show", "[NAME]"),
)
def tasks(given: Given) -> None:
    """List the built-in tasks, or show one: source, licence, size, classes, lengths, baseline."""


COMMAND = tasks
