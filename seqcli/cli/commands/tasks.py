"""`seqcli tasks`: the built-in tasks and where their data comes from."""

from typing import TYPE_CHECKING

from seqcli.cli.asked_page import asked_page, page_parts
from seqcli.cli.completion import task_names
from seqcli.cli.flags import REFERENCE, Given, takes

if TYPE_CHECKING:
    from seqcli.results.listing import Description


@takes(*page_parts("task", task_names), panel=REFERENCE)
def tasks(given: Given) -> None:
    """List the built-in tasks, or show one: source, licence, size, classes, lengths, baseline."""
    from seqcli.cli.run import check_format, show_result
    from seqcli.data.kind import ARCHITECTURES, KINDS
    from seqcli.data.task import TASKS
    from seqcli.results.listing import Choice, Listing

    check_format(given)
    name = asked_page(given["words"] or (), "tasks", TASKS.names())
    if name is not None:
        show_result(described(name), given)
        return
    entries = [
        Choice(
            name=name,
            about=TASKS.get(name).page.summary,
            group=KINDS.get(TASKS.get(name).kind).architecture,
        )
        for name in TASKS.names()
    ]
    entries.sort(key=lambda entry: ARCHITECTURES.index(entry.group or ""))
    show_result(Listing(what="tasks", entries=entries), given)


def described(name: str) -> "Description":
    """A task's page.

    Raises:
        UsageError: No task has that name.
    """
    from seqcli.data.task import TASKS
    from seqcli.results.listing import Description, PageFact

    task = TASKS.get(name.casefold())
    page = task.page
    facts = [
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
    page_facts = [PageFact(name=fact, text=text) for fact, text in facts if text]
    return Description(what="task", name=name.casefold(), about=page.summary, facts=page_facts, settings=[])


COMMAND = tasks
