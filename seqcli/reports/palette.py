"""The colours of pictures: told apart by people with any colour vision, seen on white and on dark paper.

Each curve also has its own marker and its own kind of line, so that no picture needs its colours.
"""

COLOURS = ("#0072b2", "#c44601", "#00785a", "#a0307a", "#7a5c00", "#332288", "#5f6b7a", "#b3123f")
"""On white: every one has a contrast of at least 4.5 with it."""

DARK_COLOURS = ("#56b4e9", "#f5a15b", "#3fcf9e", "#ee9fd0", "#e8d44d", "#a9a4ff", "#b8c0ca", "#ff8fa6")
"""The same curves on dark paper, in the same order."""

MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")
LINES = ("-", "--", "-.", ":")

TEXT, DARK_TEXT = "#1f2328", "#e6e9ed"
QUIET, DARK_QUIET = "#59636e", "#a5afba"
GRID, DARK_GRID = "#d5dbe1", "#3a424c"
BAND, DARK_BAND = "#e8eef4", "#273039"
PAPER, DARK_PAPER = "#ffffff", "#14181d"

ROLES = {
    **{f"curve-{place}": pair for place, pair in enumerate(zip(COLOURS, DARK_COLOURS, strict=True))},
    "text": (TEXT, DARK_TEXT),
    "quiet": (QUIET, DARK_QUIET),
    "grid": (GRID, DARK_GRID),
    "band": (BAND, DARK_BAND),
    "paper": (PAPER, DARK_PAPER),
    "good": ("#116329", "#6fd58a"),
    "bad": ("#a4262c", "#ff9a94"),
    "open": ("#6b5300", "#e3c65b"),
}
"""What a page calls each colour, on light and on dark paper."""


def colour_of(place: int) -> str:
    """The colour of a curve by its place among all; they begin again after the last."""
    return COLOURS[place % len(COLOURS)]


def marker_of(place: int) -> str:
    """The marker of a curve by its place among all."""
    return MARKERS[place % len(MARKERS)]


def line_of(place: int) -> str:
    """The kind of line of a curve by its place among all."""
    return LINES[place % len(LINES)]
