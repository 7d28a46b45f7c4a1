"""Equal width: every model as it was asked for."""

from typing import ClassVar

from seqcli.experiments.legs import Contender
from seqcli.experiments.protocol import Contest, FairProtocol


class EqualWidth(FairProtocol):
    """The guide's own comparison: the same H for all, unless a model was given its own."""

    words: ClassVar[str] = "equal width"
    by_reference: ClassVar[bool] = False

    def equalised(self, contest: Contest) -> tuple[Contender, ...]:
        """The contenders as they are."""
        return contest.contenders


PROTOCOL = EqualWidth()
