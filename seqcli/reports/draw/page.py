"""The page that a text is drawn for: its width, its encoding, with colour or without."""

import re
from dataclasses import dataclass
from functools import cache

from seqcli.results.wording import RAISED

# A terminal that says it has fewer columns is not believed: a word and its number would not fit.
NARROWEST = 20
# On wider terminals the eye loses a row on its way to the next column.
WIDEST = 120

# Every character beyond ASCII that seqcli itself draws, with what stands for it where it cannot be encoded.
ASCII = {
    "−": "-",
    "±": "+/-",
    "×": "x",
    "·": ".",
    "⋮": "*",
    "–": "-",
    "—": "-",
    "…": "...",
    "’": "'",
    "▲": "^",
    "▼": "v",
    "✓": "+",
    "✗": "x",
    "─": "-",
    "━": "=",
    "╸": ">",
    "→": "->",
    "α": "alpha",
    "≥": ">=",
    "≤": "<=",
    "≈": "~",
    "Δ": "delta ",
    "∂": "d",
    "‖": "||",
    "λ": "lambda",
    "ρ": "rho",
    "₁": "1",
    "₂": "2",
    "●": "*",
    "○": "o",
    "◆": "#",
    "◇": "%",
    "■": "@",
    "□": "=",
    "△": "x",
    "┤": "|",
    "│": "|",
    "└": "+",
    "◀": "<",
    "▶": ">",
    "░": ".",
    "▒": ":",
    "▓": "+",
    "▁": "_",
    "▂": ".",
    "▃": "-",
    "▄": "=",
    "▅": "+",
    "▆": "*",
    "▇": "%",
    "█": "#",
    "∞": "inf",
    "⏎": "<-'",
    "␣": "_",
    "“": '"',
    "”": '"',
}
LOWERED = str.maketrans({raised: plain for plain, raised in RAISED.items()})
POWER = re.compile(f"[{''.join(RAISED.values())}]+")


@dataclass(frozen=True)
class Page:
    """A surface to write on.

    Args:
        width: Columns of a fixed-width font.
        encoding: What the surface can take; where it cannot take seqcli's own signs, ASCII stands in.
        colour: Whether SGR colour codes may be written.
        terminal: Whether it may obey control characters; they are written as escapes, by every format.
        detailed: Whether a table shows all that was found (`-v`), not the answer alone.
        report: The page with pictures that is written beside it, if one is.
    """

    width: int = 80
    encoding: str = "utf-8"
    colour: bool = False
    terminal: bool = True
    detailed: bool = False
    report: str | None = None

    @property
    def signs(self) -> bool:
        """Return whether every sign that seqcli draws can be encoded."""
        return takes_signs(self.encoding)

    @property
    def columns(self) -> int:
        """The width to lay out for: no line so narrow that words break, none so wide that rows are lost."""
        return min(WIDEST, max(NARROWEST, self.width))

    def fit(self, text: str) -> str:
        """The text with nothing in it that the encoding cannot take."""
        if text.isascii() and self.signs:  # most cells of a long table: nothing is to be replaced
            return text
        plain = text if self.signs else "".join(ASCII.get(character, character) for character in _flat(text))
        return escaped(plain, self.encoding)


@cache
def takes_signs(encoding: str) -> bool:
    """Return whether an encoding can take every sign that seqcli draws; asked for each cell of a table."""
    return encodable("".join((*ASCII, *RAISED.values())), encoding)


def _flat(text: str) -> str:
    """The text with powers on the line: '10⁻²³' as '10^-23'."""
    return POWER.sub(lambda power: "^" + power[0].translate(LOWERED), text)


def encodable(text: str, encoding: str) -> bool:
    """Return whether an encoding can take every character; an unknown encoding is taken for ASCII."""
    try:
        text.encode(encoding)
    except LookupError:
        return text.isascii()
    except UnicodeEncodeError:
        return False
    return True


def escaped(text: str, encoding: str) -> str:
    """The text with an escape for each character that the encoding cannot take."""
    try:
        return text.encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return text.encode("ascii", "backslashreplace").decode("ascii")
