"""Attention as a picture and in characters: written pieces downwards, source pieces across."""

import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from rich.cells import cell_len

from seqcli.reports.draw.page import Page
from seqcli.reports.draw.panel import house_style
from seqcli.reports.draw.printable import one_line, printable

SHADES = " ░▒▓█"
# Characters of a word beside the matrix; a longer one would push it off the page.
MOST_LABEL = 16


def draw_grid(
    source: Sequence[str], target: Sequence[str], weights: Sequence[Sequence[float]], page: Page
) -> str:
    """The alignment of one sentence, as many source pieces side by side as the page is wide.

    Args:
        source: The source's pieces (T).
        target: The written pieces (U).
        weights: (U, T), each row adds up to 1.
        page: Where it is drawn.
    """
    labels = [page.fit(one_line(_fitted(piece, page), MOST_LABEL)) for piece in target]
    width = max(map(cell_len, labels))
    each = max((page.columns - width - 2) // 2, 1)
    parts = []
    for start in range(0, len(source), each):
        part = slice(start, start + each)
        heads = _heads([_fitted(piece, page) for piece in source[part]], width + 2)
        rows = [
            f"{' ' * (width - cell_len(label))}{label}  " + "".join(map(_shade, row[part]))
            for label, row in zip(labels, weights, strict=True)
        ]
        parts.append("\n".join(line.rstrip() for line in [*heads, *rows]))
    return page.fit("\n\n".join(parts) + "\n")


def _heads(pieces: Sequence[str], indent: int) -> list[str]:
    """The source's pieces written downwards, each over its column of two cells."""
    rows = list(zip_longest(*map(_signs, pieces), fillvalue=" "))[:MOST_LABEL]
    return [" " * indent + "".join(c + " " * (2 - cell_len(c)) for c in row) for row in rows]


def _signs(piece: str) -> list[str]:
    """A piece's characters, each with the marks that are written on it."""
    signs: list[str] = []
    for character in piece:
        if signs and unicodedata.category(character).startswith("M"):
            signs[-1] += character
        else:
            signs.append(character)
    return signs


def _fitted(piece: str, page: Page) -> str:
    """A piece in characters that the page can take, so that what is counted is what is seen."""
    return page.fit(printable(piece.strip()) or "·")


def _shade(weight: float) -> str:
    return 2 * SHADES[min(int(weight * len(SHADES)), len(SHADES) - 1)]


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
