"""Claims 2 to 5: size, speed, memory and accuracy on real film reviews."""

from collections.abc import Mapping
from typing import ClassVar

from seqcli.experiments.guide.guide_part import ComparisonTest, PartPage


class Reviews(ComparisonTest):
    """LSTM and GRU as the guide's table compares them."""

    page: ClassVar[PartPage] = PartPage("LSTM and GRU on texts with labels", claims=(2, 3, 4, 5))
    models: ClassVar[tuple[str, ...]] = ("lstm", "gru")
    task: ClassVar[str] = "sentiment"
    reads_own_data: ClassVar[bool] = True

    def settings(self, *, quick: bool) -> Mapping[str, object]:
        """Five seeds; without `--quick` as many as it takes, to twenty."""
        return {"seeds": 5 if quick else "auto"}


PART = Reviews()
