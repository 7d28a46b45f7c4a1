"""The job of training one leg on several processes: process 0 does it, the others compute with it."""

import json
import math
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path

import torch

from seqcli.data.answer_rows import lines_of
from seqcli.data.prepared import Prepared
from seqcli.errors import DivergedError, WorkerLostError
from seqcli.launch.job import read_arguments
from seqcli.launch.jobs.leg import LegJob, claim
from seqcli.results.events import Event
from seqcli.training.construction import make_training
from seqcli.training.evaluate import EvaluationStopped
from seqcli.training.leg import BestSoFar, one_leg, run_leg
from seqcli.training.leg_outcome import Sources
from seqcli.training.loop import StepDone
from seqcli.training.process import settle_process
from seqcli.training.shared_training import send_bytes


class SharedLegJob(LegJob):
    """The input of a leg that processes share; its result is a run that more epochs can go on from.

    Attributes:
        texts: Whether `predictions.jsonl` holds the examples' texts, beside their rows.
    """

    texts: bool = True


def train_shared_leg(
    arguments: dict[str, object], should_stop: Callable[[], bool]
) -> Generator[Event, None, dict[str, object]]:
    """Train or continue; the result holds what the best epoch reaches where the time ran out."""
    job = read_arguments(SharedLegJob, arguments)
    settle_process(job.leg.threads)
    prepared = Prepared.open(Path(job.data))
    deadline = math.inf if job.max_time is None else time.monotonic() + job.max_time
    with (yield from claim(job, should_stop)) as run:
        send_bytes(json.dumps(arguments).encode(), torch.device(job.leg.device))
        with run.noting_failure():
            early = yield from one_leg(
                run_leg(
                    job.leg,
                    prepared,
                    run,
                    label=job.label,
                    should_stop=lambda: should_stop() or time.monotonic() >= deadline,
                    checkpoint_every=job.checkpoint_every,
                    budget_spent=lambda: time.monotonic() >= deadline and not should_stop(),
                    keep_last=True,
                    sources=Sources(texts=job.texts),
                )
            )
    return {} if early is None else _as_json(early)


def _as_json(early: BestSoFar) -> dict[str, object]:
    return {
        "summary": early.summary.to_json(),
        "timing": early.timing.to_json(),
        "answers": b"".join(lines_of(early.answers)).decode(),
    }


def follow(device: str) -> None:
    """Compute with process 0 in the leg that it was given; whatever its end is, process 0 tells it."""
    arguments = json.loads(send_bytes(None, torch.device(device)))
    job = read_arguments(SharedLegJob, arguments)
    settle_process(job.leg.threads)
    training = make_training(job.leg, Prepared.open(Path(job.data)))
    with suppress(EvaluationStopped, DivergedError, WorkerLostError):
        for event in training.run():
            if isinstance(event, StepDone) and training.stop_asked():
                return


JOB = train_shared_leg
