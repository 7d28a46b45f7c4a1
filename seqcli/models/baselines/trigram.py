"""Each token by the 2 before it, smoothed by Witten and Bell."""

from typing import ClassVar

from seqcli.models.witten_bell import WittenBell


class Trigram(WittenBell):
    """N-grams of order 3."""

    order: ClassVar[int] = 3


BASELINE = Trigram
