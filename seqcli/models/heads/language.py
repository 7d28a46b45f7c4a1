"""The symbols that may follow, at every step of a string of a formal language."""

from torch import Tensor

from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.models.stepwise import Stepwise


class Language(Stepwise):
    """Logits (B, T, C) over sets of symbols that may follow; a string counts if every step is right.

    A split's score is its own: the largest n up to which all strings are accepted.
    """

    def score(self, answers: Tensor, targets: Tensor) -> Tensor:
        """1 where every step of the string is right, else 0; (B)."""
        right = (answers.argmax(dim=-1) == targets) | (targets == NO_ANSWER)
        return right.all(dim=1).float()


HEAD = Language
