"""Ray: every training run a task of a cluster, or of a Ray that is started here."""

from collections.abc import Callable, Generator, Sequence

from seqcli.launch.engine import Placement, need_package, of_this_machine, run_here
from seqcli.launch.job import Job, Outcome


class RayEngine:
    """Training runs are Ray's tasks."""

    def check(self, placement: Placement) -> None:  # noqa: ARG002 - the contract's
        """Refuse where Ray is not installed.

        Raises:
            UsageError: It is not.
        """
        need_package("ray", "ray")

    def run(
        self, jobs: Sequence[Job], placement: Placement, should_stop: Callable[[], bool]
    ) -> Generator[Outcome]:
        """Run all jobs."""
        yield from run_here(of_this_machine(jobs), placement, should_stop)


ENGINE = RayEngine()
