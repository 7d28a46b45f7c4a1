"""Pictures on disk: which kinds, checked before anything is measured, and written whole or not at all."""

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
        figure.savefig(stream, format=kind[1:], dpi=DPI, metadata=dates[kind])
        write_bytes(self.path, stream.getvalue())


def check_picture(name: str | None) -> Picture | None:
    """The picture asked for, if any, once it is clear that it can be written there.

    Raises:
        UsageError: Not a kind of picture, no such folder, or a folder itself.
    """
    if name is None:
        return None
    path = Path(name)
    if path.suffix.lower() not in KINDS:
        raise UsageError(f"--plot {name}: its ending says which kind of picture", f"Use {', '.join(KINDS)}.")
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise UsageError(f"--plot {name}: {what}", "Name a file in a folder that is there.")
    return Picture(path)
