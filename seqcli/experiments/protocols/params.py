"""Equal parameters: what two models may know is the same, however they are built."""

from functools import cache
from typing import ClassVar

from seqcli.experiments.legs import Contender
from seqcli.experiments.protocol import Contest, FairProtocol, resized


class EqualParameters(FairProtocol):
    """As many trained numbers in all, embedding and head included, by the width that comes nearest.

    Chung et al., 'Empirical evaluation of gated recurrent neural networks', 2014, compare in this way.
    """

    words: ClassVar[str] = "equal parameters"

    def equalised(self, contest: Contest) -> tuple[Contender, ...]:
        """Each model at the width whose parameters, counted on the built model, are nearest."""
        from seqcli.training.construction import parameters_of

        @cache
        def size(contender: Contender) -> int:
            return parameters_of(contender.model, contest.prepared).total

        return resized(contest, size, quantity="parameters")


PROTOCOL = EqualParameters()
