"""Notes on a leg besides its progress and its score, which the leg's own process writes."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.results.events import Leg, Note
from seqcli.results.wording import fixed, power_of_ten
from seqcli.runs.lock import Holder
from seqcli.training.config import TrainingConfig

if TYPE_CHECKING:
    from torch import nn

    from seqcli.data.first_weights import FirstWeights

HIDDEN_NORM = 1e6
"""A norm a million times what clipping usually lets through: no sound training of a recurrence meets it."""
_GIB = 2**30
"""Bytes of a gibibyte."""


def hidden_explosion(leg: Leg, training: TrainingConfig, norm: float) -> Iterator[Note]:
    """The warning of gradients that exploded where the optimiser's own scaling kept training finite."""
    text = explosion_caution(training, norm)
    if text is not None:
        yield Note(text=f"{leg.model}: {text}")


def explosion_caution(training: TrainingConfig, norm: float | None) -> str | None:
    """The same as a sentence without its model, or None where nothing was hidden.

    Args:
        training: How it was trained.
        norm: The largest gradient norm of a step before clipping; None: not told.
    """
    if training.optimizer != "adam" or norm is None or norm <= HIDDEN_NORM:
        return None
    reached = power_of_ten(math.floor(math.log10(norm)))
    return (
        f"the gradient norm reached {reached} before clipping, which Adam hides"
        " because it divides every gradient by its own size; --optimizer sgd shows it, and"
        " gradprobe --run shows where it grows"
    )


def best_so_far_is_used(folder: Path, epoch: int) -> str:
    """A run that is not finished, whose best epoch answers all the same."""
    return f"{folder} is not finished: epoch {epoch}, its best so far, is used"


def killed_before(leg: Leg, holder: Holder | None) -> Iterator[Note]:
    """The note on an attempt whose process was killed before it could say anything; none where it was not.

    Args:
        leg: What was trained.
        holder: The process that was killed.
    """
    if holder is None:
        return
    used = ""
    if holder.memory is not None and holder.memory_limit is not None:
        used = (
            f"; it had used {fixed(holder.memory / _GIB, 1)} of {fixed(holder.memory_limit / _GIB, 1)} GiB"
            " when it last saved"
        )
    yield Note(
        text=f"the last attempt at {leg.model}, seed {leg.seed}, ended without a word"
        f" (killed: often for lack of memory{used})"
    )


def begun_anew(leg: Leg, network: "nn.Module", first: "FirstWeights | None") -> Iterator[Note]:
    """The note on weights that an earlier run has in another shape or not at all; none without any.

    Args:
        leg: What is trained.
        network: Its model.
        first: The weights that it begins with; None where the seed draws all.
    """
    if first is None or first.from_vectors:
        return
    from seqcli.training.beginning import Begun

    begun = Begun.of(network, first)
    if begun.anew:
        anew = ", ".join(begun.anew[:4]) + (", …" if len(begun.anew) > 4 else "")
        of = len(begun.copied) + len(begun.anew)
        yield Note(
            text=f"{leg.model}: {len(begun.copied)} of {of} weights are --init-from's; {anew} begin anew"
        )
