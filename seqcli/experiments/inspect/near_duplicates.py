"""Texts that are nearly the same, found by MinHash (Broder, 1997) over groups of three words.

Texts whose sets of word triples share `LEAST_SHARED` of their union are near duplicates. Signatures of 64
minima in 16 bands of four rows propose candidates: of pairs at that similarity 99.9 % meet in a band. Each
candidate is checked on the sets themselves, so that nothing is called a duplicate by chance.
"""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SHINGLE = 3
"""Words of a group; of texts without blanks, `SHINGLE_LETTERS` letters."""
SHINGLE_LETTERS = 5  # two to three words of Chinese or Japanese
LEAST_SHARED = 0.8  # Broder's 'roughly the same': one word changed in thirty, as each stands in three groups
BANDS, ROWS = 16, 4  # 1 - (1 - 0.8^4)^16 = 0.9998 of the pairs at the least similarity meet
MOST_IN_BUCKET = 50
"""Texts of one bucket that a text is checked against: of one template there may be thousands."""

Shingles = NDArray[np.uint64]


def near_duplicates(texts: Sequence[str]) -> list[tuple[int, int]]:
    """The texts that nearly repeat an earlier one: each one's place, and that of the earlier one.

    Args:
        texts: Different texts, folded: those that are equal are left to who folded them.
    """
    multipliers = np.random.default_rng(0).integers(1, 2**63, BANDS * ROWS, dtype=np.uint64) | np.uint64(1)
    buckets: dict[tuple[int, bytes], list[int]] = {}
    sets: list[Shingles] = []
    pairs: list[tuple[int, int]] = []
    for place, text in enumerate(texts):
        shingles = shingled(text)
        sets.append(shingles)
        signature = (shingles[:, None] * multipliers).min(axis=0).reshape(BANDS, ROWS)
        keys = [(band, row.tobytes()) for band, row in enumerate(signature)]
        candidates = sorted({other for key in keys for other in buckets.get(key, ())[:MOST_IN_BUCKET]})
        earlier = next((other for other in candidates if similar(sets[other], shingles)), None)
        if earlier is not None:
            pairs.append((place, earlier))
        for key in keys:
            buckets.setdefault(key, []).append(place)
    return pairs


def shingled(text: str) -> Shingles:
    """The different groups of neighbours of a text as hashes (n,); a short text is one group."""
    words = text.split()
    if len(words) > SHINGLE:
        groups = {" ".join(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}
    else:
        joined = " ".join(words)
        groups = {joined[i : i + SHINGLE_LETTERS] for i in range(max(len(joined) - SHINGLE_LETTERS + 1, 1))}
    hashes = np.fromiter((zlib.crc32(group.encode()) for group in groups), np.uint64, len(groups))
    hashes.sort()
    return hashes


def similar(first: Shingles, second: Shingles) -> bool:
    """Return whether two sets share `LEAST_SHARED` of their union."""
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return shared >= LEAST_SHARED * (len(first) + len(second) - shared)
