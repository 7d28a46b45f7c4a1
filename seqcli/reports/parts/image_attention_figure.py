"""The picture of a caption: the image once for each piece that was written, bright where attention was."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from seqcli.reports.draw.panel import house_style
from seqcli.reports.draw.printable import printable

SIDE_BY_SIDE = 4
"""Pieces of a row: a page is as wide as four images."""

MOST_PIECES = 48
"""Pieces that are drawn: more are none that a person looks at."""

DIMMED = 0.25
"""The brightness of what was not looked at: the image stays recognisable."""


def draw_image_attention(
    image: NDArray[np.uint8], pieces: Sequence[str], weights: NDArray[np.float32], note: str
) -> Figure:
    """An image and where each piece of its caption looked.

    Args:
        image: (Y, X, I) from 0 to 255.
        pieces: What was written (U).
        weights: The share of each patch (U, rows, columns).
        note: What stands below: the run.
    """
    shown = list(pieces)[:MOST_PIECES]
    lines = math.ceil((len(shown) + 1) / SIDE_BY_SIDE)
    height = 0.5 + 2.0 * min(max(image.shape[0] / image.shape[1], 0.25), 2.0)
    with house_style():
        figure = Figure(figsize=(2.0 * SIDE_BY_SIDE, height * lines + 0.4), layout="constrained")
        grid = figure.subplots(lines, SIDE_BY_SIDE, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        first, *others = grid.flat
        first.imshow(colours(image), interpolation="nearest")
        first.set_title("image")
        for axes, piece, share in zip(others, shown, weights, strict=False):
            axes.imshow(lit(image, share), interpolation="nearest")
            axes.set_title(printable(piece).strip() or "·")
        figure.supxlabel(printable(note), fontsize="small")
        figure.draw_without_rendering()
    return figure


def colours(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Red, green and blue from 0 to 1, (Y, X, 3)."""
    values = image / 255.0
    return np.repeat(values, 3, axis=2) if image.shape[2] == 1 else values


def lit(image: NDArray[np.uint8], share: NDArray[np.float32]) -> NDArray[np.float64]:
    """The image, each patch as bright as its share of the greatest one (Y, X, 3)."""
    rows, columns = (
        np.arange(side) * cells // side for side, cells in zip(image.shape[:2], share.shape, strict=True)
    )
    light = share[np.ix_(rows, columns)] / max(float(share.max()), 1e-9)
    return colours(image) * (DIMMED + (1 - DIMMED) * light)[:, :, None]
