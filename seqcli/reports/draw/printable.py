"""The one function that makes outside text safe to show: labels, texts, file names, errors.

What comes out moves no cursor, sets no colour, writes no clipboard and turns no line around. It is plain
text, in which rich would still read '[bold]' as markup: hand it to rich as `rich.text.Text`, never as a
string.
"""

import re
import unicodedata
from bisect import bisect_right
from typing import Literal

from rich.cells import cell_len

Keep = Literal["", "\n", "\t", "\n\t"]
"""Which of the two harmless control characters stay as they are."""

_ESCAPED = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks that show nothing."""
_SUBTLE = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")
"""Format characters that show a sign: the number and verse marks of Arabic and Syriac."""
_JOINERS = frozenset("\u200c\u200d")
"""Zero-width (non-)joiners: Persian, Indic scripts and emoji families need them."""
_JOINED = {"Lm", "Mn", "Mc", "So", "Sk"}
_FLAG = re.compile("(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)")
"""The flags of England, Scotland, Wales: a black flag and a region in tag characters."""
_LOG_COMMAND = re.compile(r"(^[^\S\n]*(?=::)|(?=##(?:vso)?\[))(::|##)", re.MULTILINE)
_CODE_POINTS_PER_CELL = 8
"""More than any emoji needs; fewer than a pile of combining marks may bring."""


def printable(text: str, *, keep: Keep = "") -> str:
    r"""The text with everything that does not print, or that orders a terminal about, as a visible escape.

    Args:
        text: Any text, lone surrogates included.
        keep: Which of line feed and tab stay: none for one cell or one line, both for a whole document.
    """
    # Escaped, as `\x1b` or `\u202e`: control characters (C0, DEL, C1), line and paragraph separators, lone
    # surrogates, format characters (bidirectional controls, zero-width spaces, byte order marks, tags),
    # blanks that pass for letters, private and unassigned characters. Kept: every script, combining marks,
    # emoji (also those younger than Python's Unicode), joiners between two characters that can join. Doing it
    # twice changes nothing more.
    if text.isascii() and text.isprintable():
        return text
    pieces = _FLAG.split(text)  # every second piece is a flag
    return "".join(piece if index % 2 else _escaped(piece, keep) for index, piece in enumerate(pieces))


def without_commands(text: str) -> str:
    """The text with an escape in each place where a CI log would take a line of it as a command."""
    # GitHub's runner obeys lines that begin with `::`, after blanks too, and `##[…]` anywhere; Azure's obeys
    # `##vso[…]`.
    return _LOG_COMMAND.sub(lambda match: f"{match[1]}\\x{ord(match[2][0]):02x}{match[2][1:]}", text)


def one_line(text: str, width: int) -> str:
    """The printable text on one line of at most `width` terminal cells; '…' ends it where it was cut.

    Args:
        text: Any text.
        width: Cells; wide characters (Korean, Chinese, emoji) take two.
    """
    clean = printable(text)
    bounded = clean[: max(width, 0) * _CODE_POINTS_PER_CELL]
    if bounded == clean and cell_len(clean) <= width:
        return clean
    if width < 1:
        return ""
    fits = bisect_right(range(len(bounded) + 1), width - 1, key=lambda end: cell_len(bounded[:end])) - 1
    return bounded[:fits].rstrip("\u200c\u200d") + "…"


def cut_middle(text: str, width: int, dots: str = "…") -> str:
    """The printable text in at most `width` terminal cells; what is left out of its middle is `dots`."""
    clean = printable(text)
    if cell_len(clean) <= width:
        return clean
    half = (width - cell_len(dots)) // 2
    head, tail = "", ""
    for character in clean:
        if cell_len(head + character) > half:
            break
        head += character
    for character in reversed(clean):
        if cell_len(character + tail) > half:
            break
        tail = character + tail
    return f"{head}{dots}{tail}"


def _escaped(text: str, keep: str) -> str:
    characters = []
    previous = ""
    for index, character in enumerate(text):
        if (
            character in keep
            or _prints(character)
            or (character in _JOINERS and _joins(previous) and _joins(text[index + 1 : index + 2]))
        ):
            characters.append(character)
        else:
            characters.append(character.encode("unicode_escape").decode("ascii"))
        previous = character
    return "".join(characters)


def _prints(character: str) -> bool:
    """Return whether the character shows itself, on its place, and nothing else."""
    if character in _BLANKS:
        return False
    return unicodedata.category(character) not in _ESCAPED or character in _SUBTLE or _young_emoji(character)


def _young_emoji(character: str) -> bool:
    """Return whether an unassigned character lies where new emoji are added, after Python's Unicode."""
    return "\U0001f6d0" <= character <= "\U0001faff" and unicodedata.category(character) == "Cn"


def _joins(character: str) -> bool:
    """Return whether a joiner beside the character has something to join: an emoji, a mark, a joining letter.

    The letters of Latin, and the wide ones of Korean, Chinese and Japanese, never join.
    """
    if not character or character.isascii() or character in _BLANKS:
        return False
    kind = unicodedata.category(character)
    if kind == "Lo":
        return unicodedata.east_asian_width(character) not in {"W", "F", "H"}
    return kind in _JOINED or _young_emoji(character)
