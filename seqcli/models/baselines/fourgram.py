"""Each token by the 3 before it, smoothed by Witten and Bell."""

from typing import ClassVar

from seqcli.models.witten_bell import WittenBell


class Fourgram(WittenBell):
    """N-grams of order 4."""

    order: ClassVar[int] = 4


BASELINE = Fourgram
