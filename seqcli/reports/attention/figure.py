"""Attention as a picture: written pieces downwards, source pieces across."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from seqcli.reports.panel import house_style
from seqcli.reports.printable import printable

LARGEST = 40  # inches


def draw_attention(source: Sequence[str], target: Sequence[str], weights: NDArray[np.float32]) -> Figure:
    """One sentence's alignment, dark where attention was.

    Args:
        source: The source's pieces (T).
        target: The written pieces (U).
        weights: (U, T).
    """
    width, height = 2 + 0.3 * len(source), 1.5 + 0.28 * len(target)
    with house_style():
        figure = Figure(figsize=(min(width, LARGEST), min(height, LARGEST)), layout="constrained")
        axes = figure.add_subplot()
        axes.imshow(weights, cmap="Greys", vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(len(source)), map(_label, source), rotation=90)
        axes.set_yticks(range(len(target)), map(_label, target))
        axes.set_xlabel("source")
        axes.set_ylabel("written")
        figure.draw_without_rendering()
    return figure


def _label(piece: str) -> str:
    return printable(piece).strip() or "·"
