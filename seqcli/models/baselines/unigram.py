"""Each token by how often it occurs in training: what order must beat."""

from typing import ClassVar

from seqcli.models.witten_bell import WittenBell


class Unigram(WittenBell):
    """N-grams of order 1."""

    order: ClassVar[int] = 1


BASELINE = Unigram
