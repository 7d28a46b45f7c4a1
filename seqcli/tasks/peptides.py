"""Antimicrobial peptides, told from pieces of other proteins; their package is an extra."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.data.columns import Columns
from seqcli.data.config import DataConfig
from seqcli.data.corpus import Corpus
from seqcli.data.files import package_file
from seqcli.data.tables import NumberedRow, Table
from seqcli.data.task import TaskPage
from seqcli.data.text_task import TextTask

LICENCE = "BSD-3-Clause"
SHA256 = "e1db3dd659179118dcfca63723385f2f0c95c49d27060a90f7a9d5848250eb48"
CLASSES = {"1": "antimicrobial", "0": "other"}
SHARED = 8
"""Letters that two peptides of different groups have nowhere in common: so long a piece is kinship."""


class Peptides(TextTask):
    """Peptides of 7 letters and more; none in testing shares eight letters in a row with one of training."""

    name: Name = "peptides"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {"tokenizer": "char", "hidden": 64, "embedding": 32, "epochs": 30, "patience": 8, "lr": 0.003}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="whether a peptide is antimicrobial, letter by letter of its amino acids",
        source="AMPs of the APD3 against pieces of UniProt proteins; package modlamp 4.3.3",
        licence=LICENCE,
        size="4,620 different peptides in 2,244 groups",
        classes="antimicrobial 2,540, other 2,080",
        lengths="33 letters on average, 95 % have at most 54, the longest 174",
        baselines=(
            ("majority class", ".541"),
            ("bag of 1–4 letters (TF-IDF, logistic regression)", ".810"),
            ("GRU", ".858"),
            ("LSTM", ".866"),
        ),
        note="Split by groups that share eight letters in a row; a random split flatters. It needs the extra "
        "'bio': pip install 'seqcli[bio]'.",
    )

    def corpus(self, config: DataConfig) -> Corpus:  # noqa: ARG002 the data is always the same
        """The peptides.

        Raises:
            UsageError: The extra `bio` is not installed.
            DataError: The package's file is not the one expected.
        """
        path = package_file(
            "modlamp",
            "modlamp/data/AMPvsUniProt.csv",
            expected=SHA256,
            install="pip install 'seqcli[bio]'",
        )
        rows = grouped_peptides(path)
        columns = ("text", "label", "group")

        def read(names: tuple[str, ...]) -> Iterator[NumberedRow]:
            for number, row in rows:
                cells = dict(zip(columns, row, strict=True))
                yield number, tuple(cells[column] for column in names)

        return Corpus(
            name=self.name,
            tables={"train": Table(path.name, columns, read, lambda: SHA256)},
            columns=Columns("text", "label", group="group"),
            source="antimicrobial peptides (APD3) and pieces of UniProt proteins",
            licence=LICENCE,
            sha256=SHA256,
        )


@cache
def grouped_peptides(path: Path) -> tuple[tuple[int, tuple[str, str, str]], ...]:
    """The line, sequence, class and group of each peptide of one class; line 1 is no header."""
    lines = path.read_text("ascii").splitlines()[1:]
    pairs = [(sequence.strip(), label.strip()) for sequence, label in (line.split(",") for line in lines)]
    classes: dict[str, set[str]] = {}
    for sequence, label in pairs:
        classes.setdefault(sequence, set()).add(label)
    clear = [
        (number, sequence, CLASSES[label])
        for number, (sequence, label) in enumerate(pairs, start=2)
        if len(classes[sequence]) == 1
    ]
    groups = kin([sequence for _, sequence, _ in clear])
    return tuple(
        (number, (sequence, label, str(group)))
        for (number, sequence, label), group in zip(clear, groups, strict=True)
    )


def kin(sequences: Sequence[str]) -> list[int]:
    """The group of each sequence, as the place of its first member.

    Two sequences that have `SHARED` letters in a row in common are in one group, and so are all that are
    linked through others; of shorter ones the whole counts.
    """
    first = list(range(len(sequences)))

    def root(place: int) -> int:
        while first[place] != place:
            first[place] = first[first[place]]
            place = first[place]
        return place

    owners: dict[str, int] = {}
    for place, sequence in enumerate(sequences):
        for start in range(max(len(sequence) - SHARED, 0) + 1):
            ours, other = root(place), root(owners.setdefault(sequence[start : start + SHARED], place))
            first[max(ours, other)] = min(ours, other)
    return [root(place) for place in range(len(sequences))]


TASK = Peptides()
