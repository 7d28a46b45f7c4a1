"""Notes on the data before anything is trained: its reading, and the losses of its preparation."""

from collections.abc import Sequence

from seqcli.data.data_words import (
    cut_sentence,
    duplicates_sentence,
    groups_sentence,
    series_sentences,
    stream_sentences,
    targets_sentence,
    vocabulary_sentence,
)
from seqcli.data.facts import DataFacts
from seqcli.data.prepared import Prepared
from seqcli.data.sequences import SignedScore
from seqcli.results.measurements import Sitting
from seqcli.results.wording import counted


def about_data(prepared: Prepared) -> list[str]:
    """The lines to show: sizes, guessed columns with the first rows as read, and what was lost."""
    facts = prepared.facts
    sizes = " / ".join(f"{len(prepared.splits[split]):,} {split}" for split in ("train", "valid", "test"))
    classes = f" · {len(prepared.labels)} classes" if prepared.labels else ""
    lines = [f"{prepared.name}  {facts.source} · {sizes}{classes}"]
    if facts.guessed:
        first, second = facts.column_options
        lines.append(f"guessed: {first} {facts.text_column} {second} {facts.label_column}; the first rows:")
        lines += [
            "  " + " | ".join(f"{column}: {shortened(value)}" for column, value in row.items())
            for row in facts.head
        ]
    return [*lines, *(f"{sentence}." for sentence in data_notes(facts))]


def about_folds(folds: Sequence[Prepared], runs: int) -> list[str]:
    """The line that says how a cross-validation divides the data; nothing without one."""
    if not folds:
        return []
    each = runs // len(folds)
    rows = len(folds[0].splits["train"]) + len(folds[0].splits["test"])
    divided = f"{len(folds)} folds of the {rows:,} rows of train and test, each tested on once"
    own = f"{counted(each, 'seed')} of its own (run i on fold i mod {len(folds)})"
    return [f"{divided}, with {own}; validation is the same in all."]


def data_notes(facts: DataFacts) -> list[str]:
    """Return the notes on data lost in preparation, and on data to look at."""
    if facts.definition is not None:
        return [*facts.definition.sentences, *facts.warnings]
    if facts.series is not None:
        return [*series_sentences(facts.series), *facts.warnings]
    if facts.stream is not None:
        return [*stream_sentences(facts.stream), *facts.warnings]
    lost = (
        cut_sentence(facts),
        vocabulary_sentence(facts),
        targets_sentence(facts),
        duplicates_sentence(facts),
        groups_sentence(facts),
    )
    return [sentence for sentence in lost if sentence] + list(facts.warnings)


def score_notes(prepared: Prepared) -> list[str]:
    """The signature by which others compute the same corpus score; nothing for other metrics."""
    split = prepared.splits["test"]
    said = split.signature if isinstance(split, SignedScore) else ""
    return [f"sacrebleu {said}"] if said else []


def about_kept_cost(sittings: Sequence[Sitting]) -> str:
    """That cost was not measured by this command, but when and where it was."""
    last = sittings[-1]
    return (
        f"speed, latency and memory are kept from {last.date} on {last.machine.host} ({last.machine.cpu}):"
        " nothing was timed anew; --measure-again adds a sitting"
    )


def shortened(text: str, most: int = 60) -> str:
    """The text's beginning on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
