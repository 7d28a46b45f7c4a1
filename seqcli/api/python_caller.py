"""The caller that a function of Python is: silent unless asked, and nothing of the process is changed."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from seqcli.api.interruption import StopRequest
from seqcli.errors import StoppedError
from seqcli.experiments.compare.study import Study
from seqcli.reports.draw.terminal import ConsoleOptions
from seqcli.reports.progress.board import WorkAhead
from seqcli.reports.progress.progress import progress
from seqcli.reports.words.worded import worded
from seqcli.results.compare import Comparison
from seqcli.results.events import Event, Note, drive
from seqcli.results.sweep import Sweep


def raise_stopped(stop: StopRequest, reason: str) -> NoReturn:
    """End a call whose work is saved, as it was ended: by Ctrl-C or by its time.

    Raises:
        KeyboardInterrupt: By Ctrl-C.
        StoppedError: By its time.
    """
    message = f"stopped: {reason}; finished training runs are kept, and the same call continues from here"
    if stop.interrupted:
        raise KeyboardInterrupt(message)
    raise StoppedError(message)


@contextmanager
def torch_as_it_was() -> Iterator[None]:
    """Leave the caller's torch as it was: the number of its threads, and its random numbers."""
    import torch

    threads, state = torch.get_num_threads(), torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(state)


@dataclass(frozen=True)
class PythonCaller:
    """A call of Python that has a study run: silent, unless progress was asked for.

    Attributes:
        stop: Asked all the time.
        shown: Whether stderr shows how far it is.
    """

    stop: StopRequest
    shown: bool

    def should_stop(self) -> bool:
        """Return whether Ctrl-C was pressed or the time is over."""
        return self.stop()

    def follow(
        self, events: Generator[Event, None, Comparison | Sweep], study: Study[Any]
    ) -> Comparison | Sweep:
        """Run the study to its end."""
        options = ConsoleOptions(quiet=not self.shown)
        work = WorkAhead(legs=study.legs, metric=study.metric, cautions=tuple(study.table_cautions))
        with progress("compare", options, work) as show:
            return drive(events, show)

    def tell(self, notes: Sequence[Note]) -> None:
        """Remarks on what was kept or looked at before are in the record too."""

    def worded(self, result: Comparison | Sweep) -> Comparison | Sweep:
        """The result with its facts in sentences too."""
        return worded(result)
