"""The table of images and captions at a location, and which of its columns are which."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from seqcli.config.names import ALIGNED, HUB
from seqcli.data.column_roles import look_at
from seqcli.data.columns import check_columns, listed
from seqcli.data.config import DataConfig
from seqcli.data.files import ending
from seqcli.data.images import (
    SUFFIXES,
)
from seqcli.data.kind import KindFit
from seqcli.data.tables import ABSENT, Table, read_table
from seqcli.errors import ColumnsError, DataError, SeqcliError, UsageError, first_names
from seqcli.results.inspect import ColumnLook

OPTIONS = ("--image-column", "--caption-column")

LAYOUT = "FOLDER/captions.csv with a column of images' names and one of captions, the images beside it"

_TABLES = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".parquet", ".pq")
_TABLE_NAME = re.compile(r"captions?|metadata|labels?|annotations?", re.IGNORECASE)
_CAPTION_NAME = re.compile(r"captions?|text|sentence|description|comment|title|설명|문장|캡션", re.IGNORECASE)
_TRIED = 50
"""Rows in which a column shows that it names images."""


@dataclass(frozen=True)
class CaptionColumns:
    """The two columns that are read.

    Args:
        image: The names of image files, relative to the table.
        caption: What is to be written.
        guessed: The options that were not given and whose column was guessed.
    """

    image: str
    caption: str
    guessed: tuple[str, ...] = ()


def caption_table(location: str, config: DataConfig, part: str = "train") -> Table:
    """The table of a location; of a folder, the one table that lies in it.

    Raises:
        DataError: It cannot be read, or the folder has no table of captions.
        UsageError: Images of the Hub, or aligned files, are meant.
    """
    if location.startswith(HUB) or ALIGNED in location:
        raise UsageError(f"{location}: captions are read from a table of images' names", f"Give {LAYOUT}.")
    if not Path(location).is_dir():
        return read_table(location, config, part)
    names = sorted(entry.name for entry in Path(location).iterdir() if entry.is_file())
    tables = [name for name in names if ending(name) in _TABLES and not name.startswith(".")]
    usual = [name for name in tables if _TABLE_NAME.fullmatch(name.split(".")[0])]
    chosen = tables if len(tables) == 1 else usual
    if len(chosen) != 1:
        what = f"{len(tables)} tables: {first_names(tables)}" if tables else "no table"
        raise DataError(f"{location} is a folder with {what}", f"Give {LAYOUT}; or name the table itself.")
    return read_table(str(Path(location) / chosen[0]), config, part)


def names_images(table: Table) -> list[str]:
    """The columns whose first values, as far as they say anything, all end as the names of image files do."""
    images = dict.fromkeys(table.columns, 0)
    others = dict.fromkeys(table.columns, 0)
    with suppress(SeqcliError):  # whoever reads the table for good tells what is wrong with it
        for _, cells in islice(table.read(table.columns), _TRIED):
            for name, cell in zip(table.columns, cells, strict=True):
                blank = cell is None or cell is ABSENT or (isinstance(cell, str) and not cell.strip())
                named = isinstance(cell, str) and is_image_name(cell)
                images[name] += named
                others[name] += not named and not blank
    return [name for name in table.columns if images[name] and not others[name]]


def is_image_name(text: str) -> bool:
    """Return whether a text ends as the name of an image file does."""
    return text.strip().lower().endswith(SUFFIXES)


def choose_caption_columns(table: Table, config: DataConfig) -> CaptionColumns:
    """The columns of images and captions of a table: as said, or where their content leaves no doubt.

    Raises:
        DataError: A column named is not there, or which one is meant cannot be told.
    """
    named = (config.image_column, config.caption_column)
    check_columns(table, dict(zip(OPTIONS, named, strict=True)))
    image, caption = named
    if image is None:
        candidates = [name for name in names_images(table) if name != caption]
        image = candidates[0] if len(candidates) == 1 else None
    if caption is None:
        others = [name for name in table.columns if name != image]
        usual = [name for name in others if _CAPTION_NAME.fullmatch(name)]
        texts = [look.name for look in look_at(table) if look.role == "text" and look.name != image]
        caption = next((names[0] for names in (others, usual, texts) if len(names) == 1), None)
    if image is None or caption is None or image == caption:
        what = "names the images" if image is None else "holds the captions"
        raise ColumnsError(
            f"{table.name}: cannot tell which column {what}. Its columns: {listed(table)}.",
            "Say it with --image-column and --caption-column; images are PNG or JPEG files, named relative "
            "to the table.",
        )
    guessed = tuple(option for option, name in zip(OPTIONS, named, strict=True) if name is None)
    return CaptionColumns(image, caption, guessed)


def choose_image_column(table: Table, config: DataConfig) -> str:
    """The column of images of a table that needs no captions.

    Raises:
        DataError: The column named is not there, or which one is meant cannot be told.
    """
    check_columns(table, {OPTIONS[0]: config.image_column})
    candidates = names_images(table)
    column = config.image_column or (candidates[0] if len(candidates) == 1 else None)
    if column is None:
        raise ColumnsError(
            f"{table.name}: cannot tell which column names the images. Its columns: {listed(table)}.",
            "Say it with --image-column.",
        )
    return column


def fits_captions(looks: Sequence[ColumnLook]) -> KindFit | None:
    """The columns of images' names and of captions of a table, by their content; None where it lacks one."""
    images = [look.name for look in looks if look.first and all(map(is_image_name, look.first))]
    texts = [
        look.name for look in looks if look.role in ("text", "label", "other") and look.name not in images
    ]
    usual = [name for name in texts if _CAPTION_NAME.fullmatch(name)] or texts
    if len(images) != 1 or len(usual) != 1:
        return None
    return KindFit({"image_column": images[0], "caption_column": usual[0]})
