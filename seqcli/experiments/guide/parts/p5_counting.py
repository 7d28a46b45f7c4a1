"""Claim 8: who can count."""

from collections.abc import Mapping
from typing import ClassVar

from seqcli.experiments.guide.guide_part import ComparisonTest, PartPage


class Counting(ComparisonTest):
    """aⁿbⁿ, tested on longer strings than were learnt from (Weiss et al., 2018)."""

    page: ClassVar[PartPage] = PartPage("counting in aⁿbⁿ", claims=(8,))
    models: ClassVar[tuple[str, ...]] = ("lstm", "gru")
    task: ClassVar[str] = "anbn"

    def settings(self, *, quick: bool) -> Mapping[str, object]:
        """Six seeds are the fewest that the exact paired test can decide by."""
        return {"seeds": 6 if quick else 10, "cost": False}


PART = Counting()
