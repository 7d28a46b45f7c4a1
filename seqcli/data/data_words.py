"""Sentences about data: what preparing it lost, and what a person should look at before believing a score.

They stand below the reports because they are kept: beside the prepared data, in a run's card and in every
result, where a file of another version reads as it was written.
"""

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

from seqcli.data.facts import (
    MANY_UNKNOWN,
    MOST_SMOOTHED,
    MOSTLY_UNKNOWN,
    MUCH_LOST,
    DataFacts,
    FilmFacts,
    ImageFacts,
    SeriesFacts,
    SharedWithRun,
    SignalFacts,
    SoundFacts,
    StreamFacts,
)
from seqcli.data.tables import quoted
from seqcli.errors import first_names
from seqcli.results.definition import Definition
from seqcli.results.wording import counted, fixed, share_words, shortest

OFFER = "If the first row is data: --no-header, and the columns are called 1, 2, 3, … from the left."
SERIES = "For what comes after in a series: --kind forecast (--time-column, --value-column)."
LABELLED_SERIES = (
    "For one label for a whole series of numbers: --kind signal (--id-column, --step-column, --value-column,"
    " --label-column)."
)


def series_sentences(facts: SeriesFacts) -> list[str]:
    """The notes on series to read before a score."""
    series = f"{facts.series:,} series" if facts.series > 1 else "one series"
    channels = f" of {len(facts.columns)} channels" if len(facts.columns) > 1 else ""
    read = f"{facts.context:,} are read, the next {facts.horizon:,} answered"
    period = f"{facts.period:,} step{'' if facts.period == 1 else 's'}"
    season = f"; a season of {facts.season:,} steps" if facts.season > 1 else ""
    notes = [
        f"{series}{channels}, {facts.steps:,} steps of {facts.step}: {read}",
        f"split in time: validation from {facts.valid_from}, test from {facts.test_from}",
        f"scaled by training alone; MASE divides by its mean difference over {period}{season}",
        "test windows do not overlap, yet neighbours depend on each other: intervals may be too narrow"
        if not facts.block
        else f"test windows overlap: intervals count blocks of {facts.block:,} steps, not windows",
    ]
    if facts.past:
        notes.append(f"read beside them, known up to the present: {', '.join(facts.past)}")
    if facts.future:
        notes.append(f"read beside them, known for the steps ahead too: {', '.join(facts.future)}")
    if facts.quantiles:
        share = share_words(facts.quantiles[-1] - facts.quantiles[0])
        how = "corrected by validation (conformal)" if facts.conformal else "not corrected"
        notes.append(f"{share} of the values should lie between the outermost quantiles, {how}")
    if find_spec("statsmodels") is None:
        notes.append("ETS stands beside the other baselines after pip install 'seqcli[series]'")
    elif facts.series * len(facts.columns) > MOST_SMOOTHED:
        notes.append(f"no ETS beside them: it is fitted to {MOST_SMOOTHED} channels of series at most")
    if not facts.filled:
        return notes
    if facts.cut:
        return [*notes, f"{facts.filled:,} numbers are missing: no window reads or answers one"]
    return [*notes, f"{facts.filled:,} missing numbers were filled"]


def stream_sentences(facts: StreamFacts) -> list[str]:
    """The notes on one text to continue, to read before a score."""
    sizes = ", ".join(f"{facts.characters[name]:,} {name}" for name in ("train", "valid", "test"))
    notes = [
        f"one text, its parts one after the other; characters: {sizes}",
        f"gradients flow back {facts.bptt:,} {facts.unit}; the state is carried on from there",
        "stretches of the test text depend on their neighbours: intervals over them may be too narrow",
    ]
    more = "20.1 bits more each"  # log2 of all code points
    if facts.spelling is not None and facts.unknown:
        more = f"{fixed(facts.spelling / facts.unknown, 1)} bits more each, to spell them"
    are = "is" if facts.unknown == 1 else "are"
    unknown = counted(facts.unknown, facts.unit.removesuffix("s"))
    unseen = f"{unknown} of the test text {are} not in the vocabulary: {more}"
    return [*notes, unseen] if facts.unknown else notes


def folder_of_texts(folder: str, texts: int, others: int) -> str:
    """That the files of a folder are one text, and how many of them are none."""
    left = f"; {counted(others, 'other file')} left aside" if others else ""
    return f"{folder}: {counted(texts, 'text')}, one after the other in the order of their paths{left}"


def other_strands(examples: int) -> str:
    """That training learns from both strands of each sequence, and the other splits from their own."""
    return (
        f"training holds {examples // 2:,} sequences and the reverse complement of each; the test split none"
    )


def begun_from_run(shared: SharedWithRun) -> str:
    """That training begins with the weights of a run, and what of its vocabulary is known here."""
    parts = ["the same vocabulary"] if shared.same or not shared.of_tokens else []
    if not shared.same and shared.of_tokens:
        parts.append(f"{shared.tokens:,} of {shared.of_tokens:,} tokens are in its vocabulary")
    if not shared.same and shared.of_classes:
        parts.append(f"{shared.classes:,} of {shared.of_classes:,} classes are its own")
    return f"training begins with the weights of --init-from: {', '.join(parts)}"


def begun_from_vectors(known: int, tokens: int, tested: float, *, width: int) -> str:
    """The number of words that have a pretrained vector, and the width that the embedding has by them.

    Args:
        known: Tokens of the vocabulary that have one.
        tokens: All tokens of it.
        tested: The share of the test split's tokens that have one.
        width: Numbers of a vector.
    """
    share = share_words(known / max(tokens, 1))
    return (
        f"--vectors has {known:,} of {tokens:,} words ({share}), {share_words(tested)} of the test split's;"
        f" --embedding is {width}, theirs"
    )


_READ_AS = {
    False: "--kind signal: sequences of numbers with a label each",
    True: "--kind signal-tag: sequences of numbers with a label for each step",
}


def sound_sentences(facts: SoundFacts) -> list[str]:
    """The making of frames from recordings, and what became of those of another rate or more channels."""
    windows = f"{facts.mels} log-mel bands of windows of {facts.frame:g} ms every {facts.hop:g} ms"
    read = f"{counted(facts.files, 'recording')} at {facts.rate:,} samples a second: {windows}"
    notes = [f"{read}; each less its mean, by its deviation, of training alone"]
    if facts.resampled:
        rates = ", ".join(f"{count:,} of {int(rate):,}" for rate, count in facts.resampled.items())
        notes.append(f"resampled: {rates} samples a second")
    if facts.mixed:
        notes.append(f"{counted(facts.mixed, 'recording')} of several channels: their mean is read")
    return notes


def film_sentences(facts: FilmFacts) -> list[str]:
    """The images that steps are, and what became of those of another size."""
    colours = "grey" if facts.channels == 1 else "in colour"
    size = f"each step an image {colours} of {facts.width} x {facts.height} pixels"
    notes = [f"{size}; less the mean of all pixels, by their deviation, of training alone"]
    if facts.resized:
        notes.append(f"resized: {counted(facts.resized, 'image')} of another size")
    return notes


def signal_sentences(facts: SignalFacts) -> list[str]:
    """The notes on sequences of vectors to read before a score."""
    names = ", ".join(facts.channels[:12]) + (", …" if len(facts.channels) > 12 else "")
    channels = f"channels: {names}" if facts.named else f"{counted(len(facts.channels), 'channel')}"
    notes = [f"{channels}; each less its mean, by its deviation, of training alone"]
    if facts.rows:
        guess = " (guessed: --label-column)" if facts.guessed else ""
        kind = "read as --kind row: " if facts.kind_guessed else ""
        notes.insert(0, f"{kind}each row for itself, one step; --label-column {facts.label_column}{guess}")
        return [*notes, *_lost_values(facts)]
    if facts.sound:
        notes[:1] = sound_sentences(facts.sound)
    if facts.film:
        notes[:1] = film_sentences(facts.film)
    if facts.steps:
        guess = f" (guessed: {', '.join(facts.guessed)})" if facts.guessed else ""
        kind = "read as --kind signal: " if facts.kind_guessed else ""
        steps = f"its steps are columns {facts.steps[0]} to {facts.steps[1]}"
        notes.insert(0, f"{kind}each row is a sequence, {steps}; --label-column {facts.label_column}{guess}")
        return [*notes, *_lost_values(facts)]
    if facts.id_column:
        rows = f"rows of one --id-column {facts.id_column} are a sequence"
        order = f"sorted by --step-column {facts.step_column}" if facts.step_column else "in the file's order"
        guess = f" (guessed: {', '.join(facts.guessed)})" if facts.guessed else ""
        notes.insert(0, f"{rows}, {order}; --label-column {facts.label_column}{guess}")
    if facts.kind_guessed and facts.id_column:
        notes.insert(0, f"read as {_READ_AS[facts.per_step]}")
    return [*notes, *_lost_values(facts)]


def _lost_values(facts: SignalFacts) -> list[str]:
    """The notes on columns left out and on missing values."""
    notes = []
    if facts.left_out:
        left = ", ".join(facts.left_out[:6])
        notes.append(f"left out: {left}: no numbers, or the same in all steps (--value-column takes them)")
    if facts.missing:
        share = share_words(facts.missing / facts.values)
        marks = "; a further input marks them" if facts.marked else ""
        notes.append(
            f"{facts.missing:,} of {facts.values:,} values ({share}) are missing: 0 after scaling{marks}"
        )
    return notes


def image_sentences(facts: ImageFacts) -> list[str]:
    """The notes on images with captions to read before a score."""
    colours = "grey" if facts.channels == 1 else "in colour"
    size = f"{facts.width} x {facts.height} pixels"
    resized = f", {facts.resized:,} of them resized to it" if facts.resized else ""
    notes = [f"{counted(facts.images, 'image')} {colours} of {size}{resized}; standardised by training alone"]
    if facts.kind_guessed and facts.image_column:
        notes.insert(0, "read as --kind caption: images with a sentence each")
    return notes


def image_cautions(facts: ImageFacts) -> list[str]:
    """The cautions about a score on images with captions."""
    sentences = []
    if facts.empty:
        dropped = "1 row was" if facts.empty == 1 else f"{facts.empty:,} rows were"
        sentences.append(f"{dropped} dropped: no caption")
    if facts.dropped:
        sentences.append(
            f"{facts.dropped:,} training captions were dropped: longer than {facts.max_len} tokens"
        )
    return sentences


def signal_cautions(facts: SignalFacts) -> list[str]:
    """The cautions about a score on sequences of vectors."""
    sentences = []
    if facts.label_run:
        sentences.append(
            f"labels stay the same for {round(facts.label_run):,} rows on average and come back: if rows are"
            " steps in time, number the recordings in a column (--kind signal-tag --id-column NAME)"
        )
    if facts.constant:
        sentences.append(f"constant in training, so that they say nothing: {', '.join(facts.constant[:6])}")
    if facts.unlabelled:
        sentences.append(f"{facts.unlabelled:,} sequences dropped: no label")
    if facts.unlabelled_steps:
        sentences.append(
            f"{facts.unlabelled_steps:,} steps have no label: read, and neither learnt nor scored"
        )
    return sentences


WORDS_OF_THE_FILE = ("sentences",)
"""Examples whose words the file cuts, so that no tokenizer can cut them otherwise."""


def numbers_among_texts(numbers: int, texts: int) -> str:
    """Most texts of a column being numbers, which as words say nothing of their size."""
    return (
        f"{numbers:,} of {texts:,} texts are numbers, which as words say nothing of their size: --text-column"
        " names another column, --tokenizer char reads digit by digit"
    )


def table_as_text(location: str) -> str:
    """A table that is learnt as running text, its header and all."""
    return (
        f"{location} is a table by its name and is learnt as one text, its header and separators too:"
        " `seqcli inspect` shows what else it fits"
    )


def cautions(facts: DataFacts) -> tuple[str, ...]:
    """The cautions about a score: shown even where nothing else is."""
    sentences = list(facts.warnings)
    if facts.cut and facts.cut_share >= MUCH_LOST:
        sentences.append(f"{cut_sentence(facts)}: what follows there is never read (--max-len)")
    if facts.duplicates and facts.duplicates >= MUCH_LOST * facts.read:
        sentences.append(str(duplicates_sentence(facts)))
    if facts.unknown.get("test", 0.0) >= MOSTLY_UNKNOWN and facts.unit == "words":
        advice = "" if facts.called in WORDS_OF_THE_FILE else ": --tokenizer char or bpe reads inside words"
        sentences.append(f"{new_words_sentence(facts)}{advice}")
    elif facts.unit == "words" and facts.length_p95 <= 1 and facts.called not in WORDS_OF_THE_FILE:
        many = "every text" if facts.length_max == 1 else "nearly every text"
        sentences.append(
            f"{many} is one word, so that there is no sequence: --tokenizer char reads inside it"
        )
    if max(facts.unknown_targets.values(), default=0.0) > MANY_UNKNOWN:
        sentences.append(str(targets_sentence(facts)))
    return tuple(sentences)


def table_cautions(facts: DataFacts) -> tuple[str, ...]:
    """The cautions that stand below a comparison's table: those about a score, and every dropped row."""
    dropped = duplicates_sentence(facts)
    return tuple(dict.fromkeys([*cautions(facts), *([dropped] if dropped else [])]))


def cut_sentence(facts: DataFacts) -> str:
    """The loss by `max_len`: '312 of 10,000 texts (3.1 %) cut at 60 tokens'."""
    share = f" ({share_words(facts.cut_share)})" if facts.cut else ""
    unit = "tokens" if facts.signals is None else "steps"
    return f"{facts.cut:,} of {facts.examples:,} {facts.called}{share} cut at {facts.max_len:,} {unit}"


def targets_sentence(facts: DataFacts) -> str | None:
    """The loss of targets by the vocabulary; None where it loses nothing, or there are none."""
    if not any(facts.unknown_targets.values()):
        return None
    shares = (f"{share_words(facts.unknown_targets[split])} of the {split}" for split in ("train", "test"))
    sentence = f"{' and '.join(shares)} targets' {facts.unit} are unknown: no translation can hold them"
    many = max(facts.unknown_targets.values()) > MANY_UNKNOWN
    return f"{sentence} (--tokenizer bpe spells any text)" if many else sentence


def vocabulary_sentence(facts: DataFacts) -> str | None:
    """The loss by the vocabulary: '9,996 of 14,932 words known; 3.2 % of the test tokens are not'."""
    if not facts.vocabulary_total:
        return None  # numbers and symbols have no vocabulary that loses anything
    unknown = share_words(facts.unknown.get("test", 0.0))
    known = f"{facts.vocabulary_kept:,} of {facts.vocabulary_total:,} {facts.unit} known"
    return f"{known}; {unknown} of the test tokens are not"


def new_words_sentence(facts: DataFacts) -> str | None:
    """The share of the test split's words that training never showed; None where it is small."""
    unknown = facts.unknown.get("test", 0.0)
    if unknown <= MANY_UNKNOWN or not facts.vocabulary_total:
        return None
    return f"{share_words(unknown)} of test {facts.unit} are new to the model"


def duplicates_sentence(facts: DataFacts) -> str | None:
    """The repeated texts that were dropped, if any."""
    if not facts.duplicates:
        return None
    if facts.images is not None:
        return (
            f"{facts.duplicates:,} of {facts.read:,} rows dropped: an earlier row is the same image and text"
        )
    if facts.signals is not None:
        return f"{facts.duplicates:,} of {facts.read:,} sequences dropped: an earlier one has the same values"
    return f"{facts.duplicates:,} of {facts.read:,} rows dropped: an earlier row has the same text"


def groups_sentence(facts: DataFacts) -> str | None:
    """The groups of each split, if rows belong to any."""
    if not facts.groups:
        return None
    sizes = ", ".join(f"{facts.groups[split]:,} {split}" for split in ("train", "valid", "test"))
    groups = f"{sum(facts.groups.values()):,} groups by column {facts.group_column!r}"
    return f"{groups}, none in two splits: {sizes}"


def shortened_texts(count: int, characters: int) -> str:
    """Texts that were longer than so many characters."""
    cut = "1 text was cut to its" if count == 1 else f"{count:,} texts were cut to their"
    return f"{cut} first {characters:,} characters"


def series_as_pairs() -> str:
    """Pairs that are a time or a number beside a number, row by row."""
    return (
        "every pair is a time or a number and a number: their digits are learnt as text, each row for "
        f"itself. {SERIES.removesuffix('.')}"
    )


def doubtful_header(table: str, *, value: str = "", repeated: str = "", composed: Sequence[str] = ()) -> str:
    """Column names that look like data; one of the reasons is given.

    Args:
        table: The table.
        value: A name that looks like a value.
        repeated: A name that its own column holds.
        composed: Names that are made of words that their columns hold.
    """
    if value:
        reason = f"the name {quoted(value, 40)} looks like a value"
    elif repeated:
        reason = f"the name {quoted(repeated, 40)} also occurs as a value of its column"
    else:
        names = " and ".join(quoted(name, 40) for name in composed)
        reason = f"the names {names} are made of words that their columns hold"
    return f"{table}: its first row was read as the columns' names, but {reason}. {OFFER}"


def merged_labels(labels: Iterable[str], name: str) -> str:
    """Spellings that are one class: '1' and '1.0'."""
    return f"the labels {', '.join(map(quoted, labels))} are read as one class, {quoted(name)}"


def classes_by_case(classes: Iterable[str]) -> str:
    """Classes of which a person may have meant one."""
    return f"the classes {', '.join(map(quoted, classes))} differ only in letter case"


def _repeating(called: str) -> tuple[str, str, str]:
    """The words for examples in a file, for one of them, and for what two of them may have in common."""
    return ("rows", "row", "the text") if called == "texts" else (called, "one", "the values")


def conflicting_rows(rows: int, called: str = "texts") -> str:
    """Dropped rows whose text an earlier row has under another label."""
    many, single, _ = _repeating(called)
    what = "a text" if called == "texts" else "another's values"
    return f"{rows:,} dropped {many} repeat {what} under another label; the first {single}'s was kept"


def few_to_learn_from(left: int, texts: int, called: str = "texts") -> str:
    """Many small classes, of which the held-out splits take a text each."""
    return (
        f"only {left:,} of {texts:,} {called} are left to train on: valid and test take at least one of each "
        "class"
    )


def overlap(shared: int, rows: int, name: str, *, called: str = "texts", other: str = "train") -> str:
    """A ready-made split that shares examples with another."""
    return f"{shared:,} of {rows:,} {name} {called} also occur in {other}: the score may flatter"


def shared_texts(shared: int, name: str, other: str, *, called: str = "texts") -> str:
    """A split of one table that shares texts with another, as the person asked for."""
    return f"{shared:,} {name} {called} also occur in {other}: the score may flatter"


def repeated_elsewhere(rows: int, called: str = "texts") -> str:
    """Rows that are dropped from one split and stay in another."""
    many, what = ("rows", "a text") if called == "texts" else (called, "one")
    return f"{rows:,} of the dropped {many} repeat {what} of another split, which keeps it"


def repeated_rows(repeated: int, rows: int, name: str, *, conflicting: int, called: str = "texts") -> str:
    """Rows of a split whose text an earlier row has, and those of them with another label."""
    conflicts = f", {conflicting:,} under another label" if conflicting else ""
    many, _, what = _repeating(called)
    return f"{repeated:,} of {rows:,} {name} {many} repeat {what} of an earlier one{conflicts}"


def repeated_sentences(repeated: int, sentences: int, name: str, *, conflicting: int) -> str:
    """Sentences of a split whose words another has, and those of them with other labels."""
    conflicts = f", {conflicting:,} with other labels" if conflicting else ""
    return f"{repeated:,} of {sentences:,} {name} sentences repeat another's words{conflicts}"


def repeated_pairs(repeated: int, pairs: int, name: str) -> str:
    """Pairs of a split that stand in it already."""
    return f"{repeated:,} of {pairs:,} {name} pairs repeat another"


def labels_of_nothing(count: int, total: int, file: str) -> str:
    """A table of labels names sequences that are not there."""
    return f"{count:,} of {total:,} ids of {file} name no sequence"


def unlabelled_rows(dropped: int, rows: int, table: str) -> str:
    """Rows without a label, which the person allowed to drop."""
    return f"{dropped:,} of {rows:,} rows of {table} dropped: no label"


def absent_classes(split: str, classes: Sequence[str]) -> str:
    """Classes of which groups left no example to a split."""
    return f"the {split} split has no example of {first_names(classes)}: its groups are elsewhere"


def unlearnt_labels(labels: Sequence[str], example: str = "sentence") -> str:
    """Labels that fell to a held-out split alone."""
    return f"no training {example} has the label {', '.join(labels[:5])}: it is too rare to be learnt"


def labels_hidden_by_the_hub(split: str, options: str) -> str:
    """A split without labels, and the options that take one from the training split."""
    return (
        f"The Hub hides the labels of many test splits as -1. Take the {split} texts from the training "
        f"split, as {options} does, or name labelled ones with --{split}."
    )


def empty_sides(rows: int) -> str:
    """Pairs of which one side holds nothing."""
    dropped = "1 row was" if rows == 1 else f"{rows:,} rows were"
    return f"{dropped} dropped: a side is empty"


def long_pairs(pairs: int, most: int) -> str:
    """Training pairs longer than so many tokens."""
    return f"{pairs:,} training pairs were dropped: a side is longer than {most} tokens"


def whole_lines_as_words(chosen: str, fitting: str) -> str:
    """BLEU that looks for blanks where a script writes none, which makes it meaningless."""
    return (
        f"--bleu-tokenize {chosen} takes whole lines for words where a script writes no blanks: "
        f"{fitting} is for this script"
    )


def cache_elsewhere(called: str, folder: Path) -> str:
    """A cache folder that takes nothing, and the one among temporary files that is used for it."""
    return f"{called} cannot be written, or is full; prepared data and training runs are kept in {folder}"


def data_elsewhere(folder: Path, reason: str) -> str:
    """Prepared data that went to a folder among temporary files, and the reason."""
    return f"prepared data is kept in {folder}: {reason}"


def guessed_columns(facts: DataFacts) -> list[str]:
    """The columns that were guessed, with the first rows as they were read; nothing where none was."""
    if not facts.guessed:
        return []
    first, second = facts.column_options
    return [
        f"guessed: {first} {facts.text_column} {second} {facts.label_column}; the first rows:",
        *(
            "  " + " | ".join(f"{column}: {shortened(value)}" for column, value in row.items())
            for row in facts.head
        ),
    ]


def folds_sentence(folds: int, rows: int, seeds: int) -> str:
    """The division of the data by a cross-validation: `seeds` runs of each of the `folds`."""
    divided = f"{folds} folds of the {rows:,} rows of train and test, each tested on once"
    own = f"{counted(seeds, 'seed')} of its own (run i on fold i mod {folds})"
    return f"{divided}, with {own}; validation is the same in all."


def lost_notes(facts: DataFacts) -> list[str]:
    """The notes to read before anything runs: as `data_notes`, without those on what was not lost."""
    needless = {vocabulary_sentence(facts), None if facts.cut else cut_sentence(facts)}
    needed = [sentence for sentence in data_notes(facts) if sentence not in needless]
    new = new_words_sentence(facts)
    known = {*needed, *cautions(facts)}
    return needed if new is None or any(text.startswith(new) for text in known) else [new, *needed]


def definition_sentences(definition: Definition) -> list[str]:
    """Return a published definition as lines to show before anything runs."""
    lines = [f"variant: {definition.variant} ({definition.source})"]
    criterion, baseline = definition.criterion, definition.baseline
    if baseline is not None:
        score = f"{shortest(baseline.scores['test'], 4)} on the test split"
        theory = f"; in theory {baseline.theory}" if baseline.theory else ""
        lines.append(f"baseline: {baseline.label} has {criterion.spoken} {score}{theory}")
    return [*lines, f"solved: test {criterion.words} ({criterion.source})"]


def data_notes(facts: DataFacts) -> list[str]:
    """Return the notes on data lost in preparation, and on data to look at."""
    if facts.definition is not None:
        return [*definition_sentences(facts.definition), *facts.warnings]
    if facts.series is not None:
        return [*series_sentences(facts.series), *facts.warnings]
    if facts.signals is not None:
        cut = cut_sentence(facts) if facts.cut else None
        notes = [
            *signal_sentences(facts.signals),
            cut,
            duplicates_sentence(facts),
            groups_sentence(facts),
        ]
        return [*filter(None, notes), *facts.warnings]
    if facts.stream is not None:
        return [*stream_sentences(facts.stream), *facts.warnings]
    images = image_sentences(facts.images) if facts.images is not None else []
    lost = (
        cut_sentence(facts),
        vocabulary_sentence(facts),
        targets_sentence(facts),
        duplicates_sentence(facts),
        groups_sentence(facts),
    )
    return [*images, *filter(None, lost), *facts.warnings]


def shortened(text: str, most: int = 60) -> str:
    """The text's beginning on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
