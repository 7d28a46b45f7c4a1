"""Equal arithmetic: as many floating-point operations for each step of a sequence."""

from typing import ClassVar

from seqcli.experiments.legs import Contender, recurrent_input
from seqcli.experiments.protocol import Contest, FairProtocol, resized


class EqualFlops(FairProtocol):
    """As many operations a step in the recurrent layers, by each cell's formula."""

    words: ClassVar[str] = "equal FLOPs"

    def equalised(self, contest: Contest) -> tuple[Contender, ...]:
        """Each model at the width whose FLOPs a step are nearest."""
        return resized(
            contest,
            lambda contender: contender.model.flops_per_step(
                recurrent_input(contender.model, contest.prepared)
            ),
            quantity="FLOPs a step",
        )


PROTOCOL = EqualFlops()
