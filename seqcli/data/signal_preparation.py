"""From labelled signals to a folder of prepared data: divided, cut, standardised, told of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from seqcli.data.arrays import TextWriter
from seqcli.data.config import DataConfig
from seqcli.data.corpus import CorpusOrigin
from seqcli.data.data_words import signal_cautions
from seqcli.data.encoded_signals import SignalShape, fitted, pixelwise, write_signals, write_step_signals
from seqcli.data.facts import DataFacts, FilmFacts, SignalFacts, SoundFacts
from seqcli.data.labels import most_frequent
from seqcli.data.prepared import SPLITS, PreparedRecord, seal
from seqcli.data.row_table import label_run
from seqcli.data.signal_split import SignalDivision, divide_signals
from seqcli.data.signal_tables import Signal, SignalTable
from seqcli.data.split import SplitRule
from seqcli.data.tables import quoted
from seqcli.data.text_preparation import chosen_metric
from seqcli.errors import DataError, first_names


@dataclass(frozen=True, kw_only=True)
class SignalCorpus(CorpusOrigin):
    """Labelled signals before anything is decided about them.

    Args:
        parts: The sequences to learn from under 'train', ready-made splits under 'valid' and 'test'.
        guessed: Whether nobody said that the data is of this kind.
        rows: Whether each row of a table stands for itself.
        gaps: Whether steps without a label belong to the task.
    """

    parts: Mapping[str, SignalTable]
    guessed: bool = False
    rows: bool = False
    gaps: bool = False


def build_signals(
    corpus: SignalCorpus, config: DataConfig, folder: Path, *, kind: str, per_step: bool
) -> None:
    """Fill an empty folder with the corpus, ready for training.

    Args:
        corpus: The sequences.
        config: What becomes of them.
        folder: Where to.
        kind: The kind of task.
        per_step: Whether steps have labels, and not whole sequences.

    Raises:
        DataError: It cannot be learnt from.
        OSError: The folder cannot be written.
    """
    table = corpus.parts["train"]
    divided = divide_signals(
        corpus.parts,
        SplitRule.of(config),
        drop_unlabelled=corpus.gaps or config.missing_labels == "drop",
        per_step=per_step,
    )
    longest = max(len(signal.values) for signal in divided.splits["train"])
    most = config.max_len or max(
        len(signal.values) for signals in divided.splits.values() for signal in signals
    )
    cut = replace(
        divided,
        splits={
            name: [signal.first(most if name == "train" or not per_step else None) for signal in signals]
            for name, signals in divided.splits.items()
        },
    )
    shape, constant = _shape(table, cut.splits["train"])
    # Steps have answers of their own: those of new sequences are all asked for.
    shape = shape.model_copy(
        update={
            "most_steps": 0 if per_step else config.max_len or 0,
            "rows": corpus.rows,
            "header": config.header,
        }
    )
    for name in SPLITS:
        inputs = (shape.inputs(signal.values) for signal in cut.splits[name])
        if per_step:
            answers = [divided.step_targets(signal) for signal in cut.splits[name]]
            write_step_signals(folder, name, inputs=inputs, answers=answers)
        else:
            write_signals(folder, name, inputs=inputs, targets=divided.targets(name))
        with TextWriter(folder, name) as writer:
            for signal in cut.splits[name]:
                writer.append(signal.name)
    record = PreparedRecord(
        name=corpus.name,
        kind=kind,
        labels=divided.classes,
        input_size=shape.input_size,
        output_size=len(divided.classes),
        max_len=config.max_len or longest,
        metric=chosen_metric(config.metric, kind, divided.classes),
        reading=shape.remembered,
    )
    facts = _facts(corpus, divided, shape, most=most, constant=constant)
    seal(folder, record, _of_steps(facts, cut) if per_step else facts)


def _shape(table: SignalTable, train: Sequence[Signal]) -> tuple[SignalShape, tuple[str, ...]]:
    """The reading that the training split alone decides, and the channels that are constant in it.

    Raises:
        DataError: No channel ever changes, or one has no value at all.
    """
    channels = table.channels
    count, means, deviations = fitted((signal.values for signal in train), len(channels))
    empty = [name for name, known in zip(channels, count, strict=True) if not known]
    if empty:
        raise DataError(
            f"{table.location}: the training sequences have no value at all of channel {quoted(empty[0])}",
            "Leave it out: name the others with --value-column." if table.named else "Leave it out.",
        )
    if table.film is not None:
        means, deviations = pixelwise(means, deviations)
    # A deviation that is nothing beside the mean is the rounding of equal values.
    still = deviations <= 1e-12 * np.abs(means)
    if still.all():
        raise DataError(
            f"{table.location}: no channel ever changes in training: {first_names(list(channels))}",
            "Are these the columns of values? Name others with --value-column." if table.named else None,
        )
    gaps = np.any([np.isnan(signal.values).any(axis=0) for signal in train], axis=0)
    columns = table.columns
    sound, film = table.sound, table.film
    shape = SignalShape(
        channels=channels,
        rate=None if sound is None else sound.rate,
        mels=None if sound is None else sound.mels,
        frame=None if sound is None else sound.frame,
        hop=None if sound is None else sound.hop,
        frame_size=None if film is None else film.size,
        image_size=None if film is None else film.image_size or None,
        value_column=channels if table.named else (),
        means=tuple(means.tolist()),
        deviations=tuple(np.where(still, 1.0, deviations).tolist()),
        # A convolution has no place for marks beside pixels: a missing one is the mean.
        marked=() if film is not None else tuple(np.flatnonzero(gaps).tolist()),
        id_column=columns.id,
        step_column=columns.step,
        label_column=columns.label,
    )
    return shape, tuple(name for name, same in zip(channels, still, strict=True) if same)


def _facts(
    corpus: SignalCorpus, divided: SignalDivision, shape: SignalShape, *, most: int, constant: tuple[str, ...]
) -> DataFacts:
    """Return the facts of the sequences."""
    every = [signal for name in SPLITS for signal in divided.splits[name]]
    lengths = np.array([len(signal.values) for signal in every])
    counts = {name: _class_counts(divided, name) for name in SPLITS}
    majority = most_frequent(counts["train"])
    columns = corpus.parts["train"].columns
    signal_facts = SignalFacts(
        channels=shape.channels,
        named=shape.named,
        id_column=columns.id,
        step_column=columns.step,
        label_column=columns.label,
        guessed=columns.guessed,
        kind_guessed=corpus.guessed,
        rows=corpus.rows,
        label_run=label_run([signal.label for signal in corpus.parts["train"].signals]) if corpus.rows else 0,
        left_out=columns.left_out,
        steps=columns.steps,
        constant=constant,
        marked=tuple(shape.channels[place] for place in shape.marked),
        values=int(sum(signal.values.size for signal in every)),
        missing=int(sum(np.isnan(signal.values).sum() for signal in every)),
        shortest=int(lengths.min()),
        unlabelled=divided.unlabelled,
        shared=dict(divided.shared),
        sizes={name: len(divided.splits[name]) for name in SPLITS},
        sound=_sound(corpus.parts),
        film=_film(corpus.parts),
        per_step=any(signal.step_labels for signal in every),
        unlabelled_steps=sum(signal.step_labels.count(None) for signal in every),
    )
    return DataFacts(
        source=corpus.source,
        licence=corpus.licence,
        sha256=corpus.sha256,
        read=divided.read - divided.unlabelled,
        duplicates=divided.duplicates,
        conflicting=divided.conflicting,
        groups=dict(divided.groups),
        group_column=columns.group,
        class_counts=counts,
        majority_label=majority,
        majority_share=counts["test"][majority] / sum(counts["test"].values()),
        called="rows" if corpus.rows else "sequences",
        unit="steps",
        length_mean=round(float(lengths.mean()), 3),
        length_p95=float(np.percentile(lengths, 95)),
        length_max=int(lengths.max()),
        max_len=most,
        cut=int(np.count_nonzero(lengths > most)),
        signals=signal_facts,
        warnings=(*signal_cautions(signal_facts), *divided.warnings),
    )


def _sound(parts: Mapping[str, SignalTable]) -> SoundFacts | None:
    """The facts of the recordings of all parts together; None where there are none."""
    sounds = [table.sound for table in parts.values() if table.sound is not None]
    if not sounds:
        return None
    resampled: Counter[str] = Counter()
    for facts in sounds:
        resampled.update(facts.resampled)
    totals = {"files": sum(facts.files for facts in sounds), "mixed": sum(facts.mixed for facts in sounds)}
    return sounds[0].model_copy(update={**totals, "resampled": dict(resampled)})


def _film(parts: Mapping[str, SignalTable]) -> FilmFacts | None:
    """The facts of the images of all parts together; None where steps are none."""
    films = [table.film for table in parts.values() if table.film is not None]
    return films[0].model_copy(update={"resized": sum(film.resized for film in films)}) if films else None


def _class_counts(divided: SignalDivision, split: str) -> dict[str, int]:
    """Return how many sequences of a split each class has; of steps' classes, the first steps' ones."""
    counts = np.bincount(divided.targets(split), minlength=len(divided.classes)).tolist()
    return dict(zip(divided.classes, counts, strict=True))


def _of_steps(facts: DataFacts, divided: SignalDivision) -> DataFacts:
    """The facts where classes are those of steps."""
    counts = {
        name: Counter(
            divided.spelling[label]
            for signal in divided.splits[name]
            for label in signal.step_labels
            if label is not None
        )
        for name in SPLITS
    }
    majority = most_frequent(counts["train"])
    update = {
        "class_counts": {name: {"sequences": len(divided.splits[name])} for name in SPLITS},
        "majority_label": majority,
        "majority_share": counts["test"][majority] / max(counts["test"].total(), 1),
    }
    return facts.model_copy(update=update)
