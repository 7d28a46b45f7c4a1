"""What a finished leg says of its answers; each kind of task is one file in `kinds/`."""

from typing import Any, Protocol

from numpy.typing import NDArray

from seqcli.data.prepared import Prepared
from seqcli.registry import Registry


class AnswerKind(Protocol):
    """How a kind of task's answers are kept, and how a trained model is used."""

    @property
    def use(self) -> str:
        """The command that uses a run, for its README: 'seqcli predict . "a text"'."""

    def prediction_lines(self, prepared: Prepared, outputs: NDArray[Any]) -> bytes:
        """`predictions.jsonl`: one line a test example, what is right beside what is said.

        Args:
            prepared: The data.
            outputs: The model's answers to the test split, one row an example in order.
        """


KINDS: Registry[AnswerKind] = Registry("kind of task", "seqcli.training.kinds", "KIND")
