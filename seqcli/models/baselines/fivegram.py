"""Each token by the 4 before it, smoothed by Witten and Bell."""

from typing import ClassVar

from seqcli.models.witten_bell import WittenBell


class Fivegram(WittenBell):
    """N-grams of order 5."""

    order: ClassVar[int] = 5


BASELINE = Fivegram
