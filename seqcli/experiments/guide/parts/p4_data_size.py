"""Claim 7: who needs less data."""

from collections.abc import Mapping
from typing import ClassVar

from seqcli.experiments.guide.guide_part import ComparisonTest, PartPage


class DataSize(ComparisonTest):
    """The reviews again, with a tenth, three tenths and all of the training split."""

    page: ClassVar[PartPage] = PartPage("the same texts with less of the data", claims=(7,))
    models: ClassVar[tuple[str, ...]] = ("lstm", "gru")
    task: ClassVar[str] = "sentiment"
    reads_own_data: ClassVar[bool] = True

    def settings(self, *, quick: bool) -> Mapping[str, object]:
        """The legs on all of the data are those of the comparison itself."""
        return {"vary": "train-size=0.1,0.3,1.0", "seeds": 5 if quick else 10}


PART = DataSize()
