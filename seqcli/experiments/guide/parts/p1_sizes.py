"""Claim 1: the same model at any length has as many parameters."""

from typing import ClassVar

from seqcli.experiments.catalogue import claim
from seqcli.experiments.guide.config import GuideSettings
from seqcli.experiments.guide.guide_part import (
    GuideEnvironment,
    GuideEvents,
    GuideOutcome,
    GuideTest,
    PartPage,
)
from seqcli.models.cell import CELLS
from seqcli.results.claims import ConstantFact

HIDDEN = 128  # the width that `train` and `compare` begin with
LENGTHS = (1, 100, 10_000)  # so far apart that any dependence on length shows in the first digit


class Sizes(GuideTest):
    """Each cell reads sequences of very different lengths with the same weights."""

    page: ClassVar[PartPage] = PartPage(
        "count parameters before and after reading short and long sequences", claims=(1,)
    )

    def command(self, *, quick: bool, wishes: GuideSettings | None = None) -> str:  # noqa: ARG002
        """No command: the counts stand in every comparison's table."""
        return ""

    def run(self, surroundings: GuideEnvironment) -> GuideEvents:  # noqa: ARG002
        """Counted on the layer after each length."""
        import torch

        from seqcli.models.recurrent import Recurrent

        yield from ()
        counted: dict[str, list[int]] = {}
        for name in CELLS.names():
            layer = Recurrent(CELLS.get(name)(), HIDDEN, HIDDEN)
            counts = set()
            for length in LENGTHS:
                with torch.inference_mode():
                    layer(torch.zeros(1, length, HIDDEN), None)
                counts.add(sum(parameter.numel() for parameter in layer.parameters()))
            counted[name] = sorted(counts)
        constant = all(len(counts) == 1 for counts in counted.values())
        fact = ConstantFact(counts=counted, lengths=list(LENGTHS), hidden=HIDDEN)
        return GuideOutcome([claim(1, "supported" if constant else "refuted", fact)])


PART = Sizes()
