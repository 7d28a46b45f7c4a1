"""`seqcli tasks`: the built-in tasks and where their data comes from."""

from seqcli.cli.flags import REFERENCE, Given, Positional, takes


@takes(
    Positional("action", "`show` for one task's page; nothing lists them all", "show"),
    Positional("name", "the task to show", "NAME"),
    panel=REFERENCE,
)
def tasks(given: Given) -> None:
    """List the built-in tasks, or show one: source, licence, size, classes, lengths, baseline."""
    from seqcli.cli.run import beside, print_lines
    from seqcli.data.task import TASKS
    from seqcli.errors import UsageError

    if given["action"] is None:
        print_lines(beside([(name, TASKS.get(name).page.summary) for name in TASKS.names()]))
    elif given["action"] == "show" and given["name"]:
        print_lines(page_lines(given["name"]))
    else:
        raise UsageError(
            "tasks takes nothing, or `show NAME`",
            f"Such as: seqcli tasks show sentiment. Known tasks: {', '.join(TASKS.names())}.",
        )


def page_lines(name: str) -> list[str]:
    """A task's page, one fact a line.

    Raises:
        UsageError: No task has that name.
    """
    from seqcli.cli.run import beside
    from seqcli.data.task import TASKS

    task = TASKS.get(name)
    page = task.page
    facts = [
        ("task", f"{name}: {page.summary}"),
        ("source", page.source),
        ("licence", page.licence),
        ("size", page.size),
        ("classes", page.classes),
        ("lengths", page.lengths),
        *(
            ("baselines" if number == 0 else "", f"{method}: {score}")
            for number, (method, score) in enumerate(page.baselines)
        ),
        ("defaults", ", ".join(f"{key}={value}" for key, value in task.defaults.items())),
        ("note", page.note),
    ]
    return beside([(fact, text) for fact, text in facts if text])


COMMAND = tasks
