"""Captions drawn: the image once for each piece that was written, warm where attention was."""

import base64
import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from seqcli.reports.draw.axes import COLOURS
from seqcli.reports.draw.panel import NARROW, SMALL, Panel, house_style
from seqcli.reports.draw.printable import one_line, printable
from seqcli.results.train import CaptionExample, ImagePixels

SIDE_BY_SIDE = 4
"""Pieces of a row: a page is as wide as four images."""

MOST_PIECES = 48
"""Pieces that are drawn: more are none that a person looks at."""

HEAT = COLOURS[1]
"""The house's orange, which is seen on light and on dark."""

HEATED = 0.8
"""The share of that colour in the patch that was looked at most: the image shows through."""

FADED = 0.55
"""The contrast of an image below the heat: it stays recognisable."""

MOST_PICTURES = 4
"""Captions that a page draws; the table tells of the others."""

MOST_ON_PAGE = 15
"""Pieces of a caption on a page: with the image itself four rows."""

LONGEST_TITLE = 70  # letters of a caption in a panel's title: two lines

GAP = 0.12
"""Of an image's width: what is left between two side by side."""

LABEL = 0.24  # inches: a line of small letters above an image
FINEST = 240  # pixels: a small image is drawn with as many across, so that its own stay sharp squares
LONGEST_PIECE = 16  # letters over an image


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
    drawn = list(pieces)[:MOST_PIECES]
    lines = math.ceil((len(drawn) + 1) / SIDE_BY_SIDE)
    height = 0.5 + 2.0 * min(max(image.shape[0] / image.shape[1], 0.25), 2.0)
    with house_style():
        figure = Figure(figsize=(2.0 * SIDE_BY_SIDE, height * lines + 0.4), layout="constrained")
        grid = figure.subplots(lines, SIDE_BY_SIDE, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        first, *others = grid.flat
        first.imshow(colours(image), interpolation="nearest")
        first.set_title("image")
        for axes, piece, share in zip(others, drawn, weights, strict=False):
            axes.imshow(heated(image, share), interpolation="nearest")
            axes.set_title(printable(piece).strip() or "·")
        figure.supxlabel(printable(note), fontsize="small")
        figure.draw_without_rendering()
    return figure


def colours(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Red, green and blue from 0 to 1, (Y, X, 3)."""
    values = image / 255.0
    return np.repeat(values, 3, axis=2) if image.shape[2] == 1 else values


def heated(image: NDArray[np.uint8], share: NDArray[np.float32]) -> NDArray[np.float64]:
    """The image in grey, each patch as warm as its share of the greatest one (Y, X, 3)."""
    rows, columns = (
        np.arange(side) * cells // side for side, cells in zip(image.shape[:2], share.shape, strict=True)
    )
    # The floor is for shares that are all 0: nothing is then divided by nothing.
    heat = HEATED * (share[np.ix_(rows, columns)] / max(float(share.max()), 1e-9))[:, :, None]
    grey = colours(image).mean(axis=2, keepdims=True)
    faded = 0.5 + FADED * (grey - 0.5)
    warm: NDArray[np.float64] = faded * (1 - heat) + np.array(to_rgb(HEAT)) * heat
    return warm


def caption_panels(examples: Sequence[CaptionExample]) -> tuple[Panel, ...]:
    """A panel for each of the first captions whose image is at hand."""
    drawn = [example for example in examples if example.pixels is not None and example.pieces]
    wrong = [example for example in drawn if example.predicted != example.reference]
    right = [example for example in drawn if example.predicted == example.reference]
    half = MOST_PICTURES // 2
    chosen = (*right[: MOST_PICTURES - min(len(wrong), half)], *wrong[:half])
    return tuple(_panel(example) for example in chosen)


def _panel(example: CaptionExample) -> Panel:
    """An image, and what each word of its caption looked at."""
    image = pixels_of(example.pixels)
    pieces = ["", *(one_line(piece.strip() or "·", LONGEST_PIECE) for piece in example.pieces[:MOST_ON_PAGE])]
    pictures = [
        colours(image),
        *(heated(image, np.array(share, np.float32)) for share in example.weights[:MOST_ON_PAGE]),
    ]
    across = SIDE_BY_SIDE - (image.shape[1] > 2 * image.shape[0])  # of wide images fewer: words need room
    each = NARROW / (across + (across - 1) * GAP)  # inches
    high = each * image.shape[0] / image.shape[1] + LABEL
    lines = math.ceil(len(pictures) / across)

    def draw(axes: Axes) -> None:
        axes.set_axis_off()
        axes.set(xlim=(0, NARROW), ylim=(high * lines, 0), aspect="equal")
        for place, (piece, picture) in enumerate(zip(pieces, pictures, strict=True)):
            row, column = divmod(place, across)
            left, top = column * each * (1 + GAP), row * high + LABEL
            axes.imshow(
                _finer(picture), extent=(left, left + each, (row + 1) * high, top), interpolation="none"
            )
            axes.text(left, top - 0.04, piece, fontsize=SMALL, va="bottom")
        axes.set(xlim=(0, NARROW), ylim=(high * lines, 0))

    return Panel(_title(example), _about(example), draw, height=high * lines + 0.1)


def _title(example: CaptionExample) -> str:
    written, right = (one_line(text, LONGEST_TITLE) for text in (example.predicted, example.reference))
    is_right = example.predicted == example.reference
    return f"“{written}”, right" if is_right else f"“{written}”, right would be “{right}”"


def _about(example: CaptionExample) -> str:
    """The place that each word looked at most, for people who cannot see the picture."""
    looked = [
        f"{piece} at {_place(np.array(share))}"
        for piece, share in zip(example.pieces[:MOST_ON_PAGE], example.weights, strict=False)
    ]
    return f"Of image {example.image}, most attention of each word: {'; '.join(looked)}."


def _place(share: NDArray[np.float64]) -> str:
    """The patch with the greatest share: 'row 1 of 2, column 3 of 4'."""
    row, column = divmod(int(share.argmax()), share.shape[1])
    return f"row {row + 1} of {share.shape[0]}, column {column + 1} of {share.shape[1]}"


def _finer(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    """The picture with each pixel as a square of several, where it has few."""
    times = max(FINEST // picture.shape[1], 1)
    return np.repeat(np.repeat(picture, times, axis=0), times, axis=1)


def pixels_of(image: ImagePixels | None) -> NDArray[np.uint8]:
    """An image of a record (Y, X, I); of none an empty one."""
    if image is None:
        return np.zeros((1, 1, 1), np.uint8)
    flat = np.frombuffer(base64.b64decode(image.base64), np.uint8)
    return flat.reshape(image.height, image.width, image.channels)
