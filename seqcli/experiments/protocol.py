"""The quantity that a comparison holds equal: the contract of the files in `protocols/`."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, cast

from seqcli.data.prepared import Prepared
from seqcli.errors import UsageError
from seqcli.experiments.legs import Contender, sized
from seqcli.experiments.setting_values import PROTOCOL_FILES
from seqcli.registry import Registry

WIDEST = 8192
"""No state is made wider than this to make two models equal."""


@dataclass(frozen=True)
class Contest:
    """The contenders and their task.

    Attributes:
        contenders: The models in order.
        reference: One of them, which stays as it is and is to be equalled.
        prepared: The data.
        seconds: A training step of each model by label; empty unless the protocol goes by the clock.
    """

    contenders: tuple[Contender, ...]
    reference: Contender
    prepared: Prepared
    seconds: Mapping[str, float]


class FairProtocol(ABC):
    """One thing to hold equal between models.

    Attributes:
        words: What is equal, for people: 'equal parameters'.
        by_clock: Whether the seconds of a training step must be known first.
        by_reference: Whether the models are made equal to one of them.
    """

    words: ClassVar[str]
    by_clock: ClassVar[bool] = False
    by_reference: ClassVar[bool] = True

    @abstractmethod
    def equalised(self, contest: Contest) -> tuple[Contender, ...]:
        """The contenders, changed until they equal the reference in what this protocol holds equal.

        Raises:
            UsageError: A model cannot be made equal.
        """


PROTOCOLS = cast("Registry[FairProtocol]", PROTOCOL_FILES)


def resized(contest: Contest, size: Callable[[Contender], int], *, quantity: str) -> tuple[Contender, ...]:
    """Every contender as wide as brings its size nearest to the reference's.

    Args:
        contest: Who is compared.
        size: What is held equal; it grows with the width.
        quantity: Its name for messages.

    Raises:
        UsageError: No width brings a model within a tenth of it.
    """
    target = size(contest.reference)
    return tuple(
        contender if contender is contest.reference else _resized(contender, target, size, quantity=quantity)
        for contender in contest.contenders
    )


def _resized(
    contender: Contender, target: int, size: Callable[[Contender], int], *, quantity: str
) -> Contender:
    """By doubling until the target is passed, then by halving the interval."""
    low, high = 0, 1
    while size(sized(contender, high)) < target:
        low, high = high, 2 * high
        if high > WIDEST:
            break
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if size(sized(contender, middle)) < target else (low, middle)
    nearest = min(
        (sized(contender, w) for w in (low, high) if w), key=lambda reached: abs(size(reached) - target)
    )
    reached = size(nearest)
    if abs(reached - target) > target / 10:
        raise UsageError(
            f"no width gives {contender.label} as many {quantity} as the reference:"
            f" {reached:,} against {target:,}",
            "Compare them at another --match, or give the reference another width.",
        )
    return nearest
