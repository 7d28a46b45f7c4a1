"""Each token by the one before it, smoothed by Witten and Bell."""

from typing import ClassVar

from seqcli.models.witten_bell import WittenBell


class Bigram(WittenBell):
    """N-grams of order 2."""

    order: ClassVar[int] = 2


BASELINE = Bigram
