"""Pictures on disk: which kinds, checked before anything is measured, and written whole or not at all."""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.errors import UsageError
from seqcli.runs.named_file import NamedFile, named_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = (".png", ".svg", ".pdf")
DPI = 160  # a picture of two panels is 1,570 pixels wide: sharp on a screen, and small
GLYPH = r"Glyph (\d+) .*missing from"
"""How matplotlib warns of a letter that no font has."""


@dataclass(frozen=True)
class Picture:
    """A picture's file."""

    file: NamedFile

    def save(self, figure: "Figure") -> tuple[str, ...]:
        """Write the figure; the same figure gives the same bytes.

        Returns:
            The characters that no installed font has: an empty box stands for each.

        Raises:
            StorageError: The disk is full or fails.
        """
        stream = BytesIO()
        dates = {".png": {"Software": "seqcli"}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
        kind = Path(self.file.name).suffix.lower()
        with without_alarm() as lacking:
            figure.savefig(stream, format=kind[1:], dpi=DPI, metadata=dates[kind])
        self.file.save(stream.getvalue())
        return lacking()


@contextmanager
def without_alarm() -> Iterator[Callable[[], tuple[str, ...]]]:
    """Saving with the same names inside an SVG each time, and an empty box for a letter without font.

    Yields a function that tells which letters those were.
    """
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "seqcli"}), warnings.catch_warnings(record=True) as caught:
        warnings.filterwarnings("always", message=GLYPH)
        yield lambda: _lacking(str(warning.message) for warning in caught)
    for warning in caught:
        if not re.match(GLYPH, str(warning.message)):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)


def _lacking(warned: Iterable[str]) -> tuple[str, ...]:
    """The letters that matplotlib warns of, each once, in order."""
    matches = (re.match(GLYPH, text) for text in warned)
    return tuple(dict.fromkeys(chr(int(match[1])) for match in matches if match))


def check_picture(name: str | None) -> Picture | None:
    """The picture asked for, if any, once it is clear that it can be written there.

    Raises:
        UsageError: Not a kind of picture, no such folder, or a folder itself.
    """
    return None if name is None else Picture(check_place(name, "--plot", KINDS, noun="picture"))


def check_place(name: str, option: str, kinds: Sequence[str], *, noun: str) -> NamedFile:
    """A file that can be written, of one of the kinds that its ending may name.

    Raises:
        UsageError: Another ending, no such folder, one that nothing can be written into, or a folder itself.
    """
    if Path(name).suffix.lower() not in kinds:
        raise UsageError(f"{option} {name}: its ending says which kind of {noun}", f"Use {', '.join(kinds)}.")
    return named_file(name, option)
