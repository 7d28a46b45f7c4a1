"""Claim 6: who holds long dependencies, on the adding problem."""

from collections.abc import Mapping
from typing import ClassVar

from seqcli.experiments.guide.guide_part import ComparisonTest, PartPage


class LengthTest(ComparisonTest):
    """Longer and longer sequences in which nothing but memory is asked for."""

    page: ClassVar[PartPage] = PartPage("adding two numbers far apart", claims=(6,))
    models: ClassVar[tuple[str, ...]] = ("lstm", "gru")
    task: ClassVar[str] = "adding"

    def settings(self, *, quick: bool) -> Mapping[str, object]:
        """To T = 200 with three seeds, or to 400 with five."""
        if quick:
            return {"vary": "length=50,100,200", "seeds": 3}
        return {"vary": "length=50,100,200,400", "seeds": 5}


PART = LengthTest()
