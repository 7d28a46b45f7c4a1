"""From labelled texts to a folder of prepared data: divided, encoded, cut, told of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from seqcli.data import data_words
from seqcli.data.arrays import TextWriter, read_array
from seqcli.data.cells import MAX_TEXT, count_numbers, refuse_numbers
from seqcli.data.class_scores import MOST_CLASSES, SHARES
from seqcli.data.config import DataConfig
from seqcli.data.corpus import Corpus
from seqcli.data.encoded import WholeTexts, kept_length, unknown_share
from seqcli.data.examples import LabelledTexts, read_examples
from seqcli.data.facts import DataFacts
from seqcli.data.kind import KINDS
from seqcli.data.labels import most_frequent
from seqcli.data.prepared import SPLITS, PreparedRecord, seal
from seqcli.data.row_arrays import LengthCounts, save_rows, taken
from seqcli.data.scratch_texts import write_texts
from seqcli.data.split import SplitRule
from seqcli.data.strands import with_other_strands
from seqcli.data.tables import doubts
from seqcli.data.text_split import Chosen, Division, divide
from seqcli.data.tokenizer import Trained, plain_pieces_of, recipe_of, vocabulary_facts
from seqcli.errors import UsageError
from seqcli.runs.temporary import remove_tree


def build_texts(corpus: Corpus, config: DataConfig, folder: Path) -> None:
    """Fill an empty folder with the corpus, ready for training.

    Raises:
        DataError: A table cannot be read or learnt from.
        OSError: The folder cannot be written.
    """
    scratch = folder / "scratch"
    scratch.mkdir()
    recipe = recipe_of(config.tokenizer)
    lowercase = recipe.lowercases if config.lowercase is None else config.lowercase
    parts = {
        part: read_examples(
            table,
            corpus.columns,
            scratch,
            normalised=partial(recipe.normalised, lowercase=lowercase),
            pieces=plain_pieces_of(recipe, lowercase=lowercase),
            drop_unlabelled=config.missing_labels == "drop",
        )
        for part, table in corpus.tables.items()
    }
    if config.tokenizer == "word":
        refuse_numbers(parts["train"].texts, parts["train"].table.name, corpus.columns.text, "--text-column")
    division = _divided(parts, config)
    train = division.splits["train"]
    trained = recipe.train(_texts_of(train), config.vocab_size, lowercase=lowercase)
    lengths = _encode(division, trained, config.max_len, folder)
    for split, chosen in division.splits.items():
        _write_texts(chosen, folder, split)
        save_rows(folder / f"{split}.rows.npy", taken(chosen.examples.rows, chosen.indices), np.int64)
    remove_tree(scratch)
    vocab_size = trained.tokenizer.vocab_size
    record = PreparedRecord(
        name=corpus.name,
        kind="classify",
        labels=division.classes,
        vocab_size=vocab_size,
        output_size=len(division.classes),
        max_len=lengths.max_len,
        tokenizer=config.tokenizer,
        metric=chosen_metric(config.metric, "classify", division.classes),
    )
    facts = _facts(corpus, parts, division, lengths)
    both_strands = [data_words.other_strands(len(train.indices))] if config.reverse_complement else []
    facts = facts.model_copy(
        update={"warnings": (*facts.warnings, *_mostly_numbers(division, config.tokenizer), *both_strands)}
    ).model_copy(
        update={
            **vocabulary_facts(recipe, vocab_size, trained.total),
            "unknown": {
                split: unknown_share(read_array(folder / f"{split}.ids.npy", np.int32, mapped=True))
                for split in SPLITS
            },
        }
    )
    seal(folder, record, facts, trained.tokenizer.save())


def _divided(parts: Mapping[str, LabelledTexts], config: DataConfig) -> Division[LabelledTexts]:
    """The three splits; training with the other strand of each of its sequences where that was asked for.

    Raises:
        DataError: The texts cannot be divided, or one is no sequence of nucleotides.
    """
    division = divide(parts, SplitRule.of(config))
    if not config.reverse_complement:
        return division
    return replace(
        division, splits={**division.splits, "train": with_other_strands(division.splits["train"])}
    )


def chosen_metric(name: str | None, kind_name: str, classes: Sequence[str]) -> str:
    """The score that a person chose; '' for the usual one, which is then kept as it always was.

    Raises:
        UsageError: There are too many classes for a score that needs the probability of each.
    """
    kind = KINDS.get(kind_name)
    metric = kind.scored_by(name)
    if SHARES in metric.needs and len(classes) > MOST_CLASSES:
        raise UsageError(
            f"--metric {metric.name} needs the probability of every class, which is kept of {MOST_CLASSES} at"
            f" most, and there are {len(classes):,}",
            "Choose accuracy, macro_F1 or balanced_accuracy.",
        )
    return "" if metric is kind.metric else metric.name


def _mostly_numbers(division: Division[LabelledTexts], tokenizer: str) -> Iterator[str]:
    """A caution where words are read and most of the training texts are numbers."""
    texts = division.splits["train"]
    if tokenizer == "word":
        numbers = count_numbers(_texts_of(texts))
        if 2 * numbers >= len(texts.indices):
            yield data_words.numbers_among_texts(numbers, len(texts.indices))


@dataclass(frozen=True, eq=False)
class Lengths:
    """The lengths of the texts, in tokens.

    Args:
        all: The lengths of all texts of all splits before cutting.
        max_len: How many tokens are kept.
    """

    all: LengthCounts
    max_len: int


def _encode(
    division: Division[LabelledTexts], trained: Trained, max_len: int | None, folder: Path
) -> Lengths:
    """Write the ids of every split, cut at `max_len` or where the training texts end."""
    whole = {
        split: WholeTexts.encode(
            _texts_of(chosen), trained.tokenizer, folder / "scratch" / f"{split}.ids.npy"
        )
        for split, chosen in division.splits.items()
    }
    longest_kept = kept_length([whole["train"].lengths], max_len)
    for split, encoded in whole.items():
        encoded.write(folder, split, targets=division.splits[split].targets, max_len=longest_kept)
    return Lengths(LengthCounts(*(encoded.lengths for encoded in whole.values())), longest_kept)


def _texts_of(chosen: Chosen[LabelledTexts]) -> Iterable[str]:
    """The texts chosen."""
    return chosen.examples.texts.picked(chosen.indices)


def _write_texts(chosen: Chosen[LabelledTexts], folder: Path, split: str) -> None:
    with TextWriter(folder, split) as writer:
        write_texts(_texts_of(chosen), writer)


def _facts(
    corpus: Corpus, parts: Mapping[str, LabelledTexts], division: Division[LabelledTexts], lengths: Lengths
) -> DataFacts:
    """Return the facts of the texts, apart from their vocabulary."""
    counts = {split: chosen.class_counts(division.classes) for split, chosen in division.splits.items()}
    majority = most_frequent(counts["train"])
    shortened = sum(part.shortened for part in parts.values())
    warnings = [*doubts(corpus.tables), *division.warnings]
    warnings += [
        data_words.unlabelled_rows(part.unlabelled, len(part) + part.unlabelled, part.table.name)
        for part in parts.values()
        if part.unlabelled
    ]
    if shortened:
        warnings.append(data_words.shortened_texts(shortened, MAX_TEXT))
    return DataFacts(
        source=corpus.source,
        licence=corpus.licence,
        sha256=corpus.sha256,
        text_column=corpus.columns.text,
        label_column=corpus.columns.label,
        guessed=corpus.columns.guessed,
        head=tuple(dict(row) for row in parts["train"].head),
        read=sum(len(part) for part in parts.values()),
        duplicates=division.duplicates,
        conflicting=division.conflicting,
        groups=dict(division.groups),
        group_column=corpus.columns.group or "",
        empty=sum(part.empty for part in parts.values()),
        class_counts=counts,
        majority_label=majority,
        majority_share=counts["test"][majority] / sum(counts["test"].values()),
        length_mean=round(lengths.all.mean(), 3),
        length_p95=lengths.all.percentile(95),
        length_max=lengths.all.max(),
        max_len=lengths.max_len,
        cut=lengths.all.above(lengths.max_len),
        definition=corpus.definition,
        warnings=tuple(warnings),
    )
