"""Warnings of an inspection: facts that change what to believe of a score, or how to go on."""

from collections.abc import Iterator, Sequence

from seqcli.results.inspect import FileLook, InspectWarning, SeriesLook, SizeFacts
from seqcli.results.text_facts import SharedTexts

SMALL_CLASS = 10
"""Rows, fewer than which a class can hardly be learnt and tested."""
IMBALANCED = 0.8
"""The share of one class from which on accuracy says little beside it."""
MUCH_CUT = 0.1
"""The share of texts that lose their ends from which a longer --max-len may move the score."""
UNKNOWN = {"words": 0.2, "": 0.5}
"""The share of unknown tokens at which a sentence loses its sense: every fifth word, half of others."""
MANY_NEAR = 0.05
"""The share of near duplicates, split over training and test, that lifts a score by up to five points."""
CONSTANT = 0.2
"""The share of a series in one stretch of the same value that makes it suspicious: a sensor that was off."""

WHOLE_TEXTS = "texts"
HARMLESS = ("byte order mark",)


def warnings_of(look: FileLook) -> list[InspectWarning]:
    """The warnings about one file."""
    if look.problem is not None:
        return []
    warnings = [*_of_texts(look), *_of_classes(look), *_of_lengths(look)]
    if look.series is not None:
        warnings += _of_series(look.file, look.series)
    return warnings


def shared_warnings(shared: Sequence[SharedTexts]) -> list[InspectWarning]:
    """A warning for each two files that share texts."""
    return [
        InspectWarning(code="shared texts", file=pair.second, name=pair.first, count=pair.shared, of=pair.of)
        for pair in shared
    ]


def _of_texts(look: FileLook) -> Iterator[InspectWarning]:
    if look.repeats is not None:
        if look.repeats.conflicting:
            yield InspectWarning(
                code="conflicting labels",
                file=look.file,
                count=look.repeats.conflicting,
                of=look.repeats.folded,
            )
        if look.repeats.near > MANY_NEAR * look.repeats.compared:
            yield InspectWarning(
                code="near repeats", file=look.file, count=look.repeats.near, of=look.repeats.compared
            )
    for shared in look.shared:
        yield InspectWarning(
            code="shared texts",
            file=look.file,
            name=f"{shared.first} {shared.second}",
            count=shared.shared,
            of=shared.of,
        )
    for leak in look.leaks:
        yield InspectWarning(
            code="label in text" if leak.by == "label in text" else "column gives label",
            file=look.file,
            name=leak.name,
            share=leak.share,
        )
    for odd in look.oddities:
        if odd.sort not in HARMLESS:
            yield InspectWarning(
                code="spoilt texts", file=look.file, name=odd.sort, count=odd.rows, of=odd.first or 0
            )


def _of_classes(look: FileLook) -> Iterator[InspectWarning]:
    small = [name for name, count in look.classes.items() if count < SMALL_CLASS]
    if small:
        yield InspectWarning(
            code="small class",
            file=look.file,
            name=small[-1],
            count=look.classes[small[-1]],
            of=len(small),
        )
    if look.majority is not None and look.majority >= IMBALANCED:
        yield InspectWarning(
            code="imbalance", file=look.file, name=look.majority_label or "", share=look.majority
        )


def _of_lengths(look: FileLook) -> Iterator[InspectWarning]:
    sizes: SizeFacts | None = look.sizes
    if sizes is None:
        return
    examples = sum(sizes.splits.values())
    if sizes.cut >= MUCH_CUT * examples > 0:
        yield InspectWarning(
            code="much cut", file=look.file, count=sizes.cut, of=examples, share=float(sizes.max_len)
        )
    if sizes.called != WHOLE_TEXTS:
        return  # words of a sentence cannot be cut otherwise, and characters are few
    if sizes.unit == "words" and sizes.length_max == 1:
        yield InspectWarning(code="one-word texts", file=look.file, count=examples)
    elif sizes.unknown is not None and sizes.unknown >= UNKNOWN.get(sizes.unit, UNKNOWN[""]):
        yield InspectWarning(code="unknown words", file=look.file, name=sizes.unit, share=sizes.unknown)


def _of_series(file: str, series: SeriesLook) -> Iterator[InspectWarning]:
    counts = {
        "unreadable times": series.unreadable,
        "unsorted times": series.unsorted,
        "repeated times": series.repeated,
        "gaps": series.gaps,
    }
    for code, count in counts.items():
        if count:
            yield InspectWarning.model_validate(
                {"code": code, "file": file, "count": count, "of": series.rows}
            )
    length = series.rows // max(series.series, 1)
    for channel in series.channels:
        if channel.constant >= CONSTANT * length > 0:
            yield InspectWarning(
                code="constant values", file=file, name=channel.name, count=channel.constant, of=length
            )
