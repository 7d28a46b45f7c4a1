"""Pictures on disk: which kinds, checked before anything is measured, and written whole or not at all."""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.errors import UsageError
from seqcli.runs.atomic import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = (".png", ".svg", ".pdf")
DPI = 160


@dataclass(frozen=True)
class Picture:
    """A picture's file."""

    path: Path

    def save(self, figure: "Figure") -> None:
        """Write the figure; the same figure gives the same bytes.

        Raises:
            StorageError: The disk is full or fails.
        """
        stream = BytesIO()
        dates = {".png": {"Software": "seqcli"}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
        kind = self.path.suffix.lower()
        with without_alarm():
            figure.savefig(stream, format=kind[1:], dpi=DPI, metadata=dates[kind])
        write_bytes(self.path, stream.getvalue())


@contextmanager
def without_alarm() -> Iterator[None]:
    """Saving with the same names inside an SVG each time, and an empty box for a letter without font."""
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "seqcli"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        yield


def check_picture(name: str | None) -> Picture | None:
    """The picture asked for, if any, once it is clear that it can be written there.

    Raises:
        UsageError: Not a kind of picture, no such folder, or a folder itself.
    """
    return None if name is None else Picture(check_place(name, "--plot", KINDS, what="picture"))


def check_place(name: str, option: str, kinds: Sequence[str], *, what: str) -> Path:
    """A file that can be written, of one of the kinds that its ending may name.

    Raises:
        UsageError: Another ending, no such folder, one that nothing can be written into, or a folder itself.
    """
    path = Path(name)
    if path.suffix.lower() not in kinds:
        raise UsageError(f"{option} {name}: its ending says which kind of {what}", f"Use {', '.join(kinds)}.")
    fault = _fault(path)
    if fault is not None:
        raise UsageError(f"{option} {name}: {fault}", "Name a file in a folder that is there.")
    return path


def _fault(path: Path) -> str | None:
    if path.is_dir():
        return "is a folder"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    return None if os.access(path.parent, os.W_OK) else f"nothing can be written into {path.parent}"
