"""Attention as a picture: written pieces downwards, source pieces across."""

from collections.abc import Sequence

import numpy as np
from matplotlib import font_manager
from matplotlib.figure import Figure
from numpy.typing import NDArray

from seqcli.reports.printable import printable

FONTS = ("Noto Sans CJK KR", "NanumGothic", "Malgun Gothic", "Apple SD Gothic Neo", "DejaVu Sans")
"""The first of these that is installed writes the pieces; the last one is matplotlib's own."""


def draw_attention(source: Sequence[str], target: Sequence[str], weights: NDArray[np.float32]) -> Figure:
    """One sentence's alignment, dark where attention was.

    Args:
        source: The source's pieces (T).
        target: The written pieces (U).
        weights: (U, T).
    """
    size = (2 + 0.3 * len(source), 1.5 + 0.28 * len(target))
    figure = Figure(figsize=(min(size[0], 40), min(size[1], 40)), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(weights, cmap="Greys", vmin=0, vmax=1, aspect="auto")
    installed = {font.name for font in font_manager.fontManager.ttflist}
    family = [name for name in FONTS if name in installed]
    axes.set_xticks(range(len(source)), [_label(piece) for piece in source], rotation=90, fontfamily=family)
    axes.set_yticks(range(len(target)), [_label(piece) for piece in target], fontfamily=family)
    axes.set_xlabel("source")
    axes.set_ylabel("written")
    return figure


def _label(piece: str) -> str:
    """A piece without what matplotlib would read as mathematics."""
    return (printable(piece).strip() or "·").replace("$", r"\$")
