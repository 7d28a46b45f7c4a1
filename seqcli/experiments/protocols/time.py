"""Equal training time: the faster model may take more steps."""

from math import ceil
from typing import ClassVar

from seqcli.experiments.legs import Contender
from seqcli.experiments.protocol import Contest, FairProtocol


class EqualTime(FairProtocol):
    """As many seconds of training steps as the reference takes for the epochs asked for.

    Seconds become steps before anything is trained, so that a leg is repeated to the byte on any machine.
    Nobody stops early: what is compared is what the same time buys, the best epoch within it kept.
    """

    words: ClassVar[str] = "equal training time"
    by_clock: ClassVar[bool] = True

    def equalised(self, contest: Contest) -> tuple[Contender, ...]:
        """Each model with as many steps as fit into the reference's seconds."""
        reference = contest.reference
        an_epoch = reference.epoch_steps(contest.prepared)
        budget = reference.most_steps(contest.prepared) * contest.seconds[reference.label]
        return tuple(
            _within(contender, budget / contest.seconds[contender.label], an_epoch)
            for contender in contest.contenders
        )


def _within(contender: Contender, steps: float, an_epoch: int) -> Contender:
    """The contender with so many steps and no early end."""
    step_count = max(round(steps), 1)
    epochs = ceil(step_count / an_epoch)
    return contender.trained(max_steps=step_count, epochs=epochs, patience=epochs)


PROTOCOL = EqualTime()
