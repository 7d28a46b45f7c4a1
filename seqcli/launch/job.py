"""A job, what is told while it runs, and how it ends: the words between a comparison and its workers."""

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from seqcli.config.settings import Settings
from seqcli.errors import StoppedError
from seqcli.registry import Registry
from seqcli.results import events
from seqcli.results.events import Event

M = TypeVar("M", bound=Settings)

# What a job does: from plain arguments to events and, at last, a plain result. The function given to it
# answers whether a stop was asked for.
JobFunction = Callable[[dict[str, object], Callable[[], bool]], Generator[Event, None, dict[str, object]]]

STOP_SECONDS = 60.0
"""How long a worker may take to save its state when it is asked to stop: the step in hand has to end first.
A person who does not want to wait sends a second signal; systemd kills after 90 s."""


def go_on(should_stop: Callable[[], bool]) -> None:
    """Ask between two parts of a job that has nothing to save; asking also tells the parent that it is alive.

    Raises:
        StoppedError: A stop was asked for.
    """
    if should_stop():
        raise StoppedError("stopped", "The same command does this anew.")


JOBS: Registry[JobFunction] = Registry("job", "seqcli.launch.jobs", "JOB")


@dataclass(frozen=True)
class Job:
    """A piece of work for a worker process.

    Args:
        kind: The name of a file in `seqcli.launch.jobs`.
        name: Tells this job from the others of its run.
        arguments: Plain JSON values.
    """

    kind: str
    name: str
    arguments: dict[str, object]


@dataclass(frozen=True)
class Progress:
    """Something a running job told."""

    job: Job
    event: Event


@dataclass(frozen=True)
class Finished:
    """A job that ended well, with its plain JSON result."""

    job: Job
    result: dict[str, object]


@dataclass(frozen=True)
class Failed:
    """A job that ended badly.

    Attributes:
        job: The job.
        exit_code: That of the error.
        message: The error's, for a person.
        hint: What a person can do; None where the message says so.
        crash: The traceback where the fault is seqcli's own.
        log: The file in which all is written that became of it; None where there is none.
    """

    job: Job
    exit_code: int
    message: str
    hint: str | None = None
    crash: str | None = None
    log: str | None = None


Outcome = Progress | Finished | Failed


def event_to_json(event: Event) -> dict[str, object]:
    """An event with its class's name, as JSON values."""
    return {"event": type(event).__name__, "fields": event.to_json()}


def event_from_json(values: dict[str, object]) -> Event:
    """The event that `event_to_json` wrote."""
    kind = getattr(events, str(values["event"]))
    event: Event = kind.from_json(values["fields"])
    return event


def read_arguments(model: type[M], arguments: dict[str, object]) -> M:
    """A job's plain arguments as the record that the job is written for.

    Raises:
        pydantic.ValidationError: The arguments are not that record's.
    """
    return model.model_validate_json(json.dumps(arguments))
