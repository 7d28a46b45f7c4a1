"""Processes of this machine alone: what a command does where nothing else is said."""

from collections.abc import Callable, Generator, Sequence

from seqcli.errors import UsageError
from seqcli.launch.engine import Placement, run_here
from seqcli.launch.job import Job, Outcome


class LocalEngine:
    """Every job in a process of this machine."""

    def check(self, placement: Placement) -> None:
        """Refuse a store, which would be ignored.

        Raises:
            UsageError: There is one.
        """
        if placement.store is not None:
            raise UsageError(
                "--on local runs on this machine alone, and --store is for several",
                "Drop one of the two, or take --on work.",
            )

    def run(
        self, jobs: Sequence[Job], placement: Placement, should_stop: Callable[[], bool]
    ) -> Generator[Outcome]:
        """Run all jobs here, side by side."""
        yield from run_here(jobs, placement, should_stop)


ENGINE = LocalEngine()
