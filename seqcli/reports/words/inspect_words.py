"""Sentences of an inspection: why a column is taken for what it is, and what to look at before training."""

from collections.abc import Callable, Mapping

from seqcli.errors import first_names
from seqcli.reports.numbers import fixed
from seqcli.results.inspect import (
    ColumnLook,
    FileLook,
    FittingKind,
    FolderLook,
    InspectWarning,
    SeriesLook,
    SizeFacts,
    WarningCode,
)
from seqcli.results.text_facts import Leak, OrderFacts, RepeatFacts
from seqcli.results.wording import counted, share_words

SHOWN_CLASSES = 4  # names with their shares that fit one line
SHOWN_LABELS = 8  # short tags without shares that fit one line
SHOWN_CHANNELS = 4  # names of columns that fit one line beside the times
SIGNIFICANT = 0.05  # the level of every verdict here


def column_reason(look: ColumnLook) -> str:
    """Return why a column is taken for its role, by its values."""
    length = (
        f"{fixed(look.words, 1)} words on average"
        if look.words >= 2
        else f"{fixed(look.characters, 0)} letters"
    )
    values = counted(look.distinct, "value")
    return {
        "text": f"{length}, {look.distinct:,} different",
        "label": f"{values} that repeat: {_first_values(look)}",
        "id": f"no value occurs twice: {', '.join(look.first[:2])}",
        "time": f"{look.first[0] if look.first else ''} …",
        "number": f"{look.distinct:,} different numbers: {', '.join(look.first)}",
        "constant": f"always {look.values[0][0] if look.values else ''}",
        "empty": "no value",
        "other": f"{look.distinct:,} short values: {', '.join(look.first)}",
    }[look.role]


def _first_values(look: ColumnLook) -> str:
    texts = [f"{value} {count:,}" for value, count in look.values[:SHOWN_CLASSES]]
    return ", ".join(texts) + (", …" if len(look.values) > SHOWN_CLASSES else "")


def kind_words(kind: FittingKind) -> str:
    """Return a kind, its columns, and what says so."""
    columns = ", ".join(
        f"{key.removesuffix('_column').replace('_', ' ')} {name}" for key, name in kind.columns.items()
    )
    by = {
        "columns": "" if kind.sure else "perhaps",
        "file name": "by the file's name",
        "options": "as you said",
    }[kind.by]
    inside = "; ".join(filter(None, [columns, by]))
    return f"{kind.name} ({inside})" if inside else kind.name


def length_words(sizes: SizeFacts) -> str:
    """Return how long examples are, and what is kept of them; '' where each is one row of numbers."""
    if sizes.length_max <= 1 and not sizes.vocabulary_total:
        return ""
    mean, most, longest = fixed(sizes.length_mean, 1), fixed(sizes.length_p95, 0), f"{sizes.length_max:,}"
    text = f"{mean} {sizes.unit} on average, 95 % up to {most}, longest {longest}"
    cut = f"{sizes.cut:,} cut at {sizes.max_len:,}" if sizes.cut else f"none cut at {sizes.max_len:,}"
    return f"{text}; {cut}"


def dropped_words(sizes: SizeFacts) -> str:
    """Return how many examples say what an earlier one says and are left out; '' for none."""
    return f"{sizes.dropped:,} left out: an earlier one has the same values" if sizes.dropped else ""


def vocabulary_words(sizes: SizeFacts) -> str:
    """Return how many tokens there are, and how many test tokens are new; '' where none can be."""
    if not sizes.vocabulary_total:
        return ""
    known_words = (
        "all kept" if sizes.vocabulary_kept >= sizes.vocabulary_total else f"{sizes.vocabulary_kept:,} kept"
    )
    new = "" if sizes.unknown is None else f"; {share_words(sizes.unknown)} of the test {sizes.unit} are new"
    return f"{sizes.vocabulary_total:,} different {sizes.unit}, {known_words}{new}"


def form_words(folder: FolderLook) -> str:
    """The sizes of a folder's images, or the rates of its recordings, the most frequent first."""
    texts = [f"{count:,} of {form}" for form, count in list(folder.forms.items())[:MOST_FORMS]]
    rest = len(folder.forms) - len(texts)
    first = "" if folder.looked == folder.images + folder.sounds else f"of the first {folder.looked:,}: "
    return first + ", ".join([*texts, *([f"{counted(rest, 'more form')}"] if rest > 0 else [])])


def broken_words(folder: FolderLook) -> str:
    """The files that cannot be read, as far as a line holds them; '' where there is none."""
    if not folder.broken:
        return ""
    rest = len(folder.broken) - MOST_FORMS
    more = f" and {rest:,} more" if rest > 0 else ""
    return f"{counted(len(folder.broken), 'file')}: {', '.join(folder.broken[:MOST_FORMS])}{more}"


MOST_FORMS = 4
"""Sizes, and broken files, that are named."""


def class_words(classes: Mapping[str, int]) -> str:
    """Return the classes by their size."""
    total = sum(classes.values())
    texts = [f"{name} {share_words(count / total)}" for name, count in list(classes.items())[:SHOWN_CLASSES]]
    rest = ", …" if len(classes) > SHOWN_CLASSES else ""
    smallest = min(classes.values())
    return f"{len(classes)}: {', '.join(texts)}{rest}; smallest {counted(smallest, 'row')}"


def label_words(look: FileLook) -> str:
    """Return the labels of words, and the most frequent one; '' where there are none."""
    if not look.labels:
        return ""
    listed = ", ".join(look.labels[:SHOWN_LABELS]) + (", …" if len(look.labels) > SHOWN_LABELS else "")
    most = (
        "" if look.majority is None else f"; most frequent {look.majority_label} {share_words(look.majority)}"
    )
    return f"{len(look.labels)} labels: {listed}{most}"


def repeat_words(repeats: RepeatFacts, *, labelled: bool) -> str:
    """Return how many rows say what an earlier one says."""
    if not (repeats.folded or repeats.near):
        return f"none among {repeats.compared:,} rows"
    text = f"{repeats.exact:,} exact, {repeats.folded:,} but for case and blanks, {repeats.near:,} near"
    return f"{text}; {repeats.conflicting:,} under another label" if labelled else text


def leak_words(leak: Leak) -> str:
    """Return what gives a label away, and how often."""
    share, otherwise = share_words(leak.share), share_words(leak.otherwise)
    if leak.by == "column":
        return f"column {leak.name} gives the label of {share} of the rows away (majority {otherwise})"
    return f"{share} of the texts of class {leak.name} contain its name, {otherwise} of the others"


def order_words(order: OrderFacts) -> str:
    """Return what word pairs gain over single words."""
    words, pairs = share_words(order.words), share_words(order.pairs)
    both = f"single words {words}, with pairs {pairs} of {order.tested:,} test texts"
    if order.p_value >= SIGNIFICANT:
        return f"no gain of pairs shown: {both}"
    return f"{'pairs help' if order.pairs > order.words else 'pairs harm'}: {both}"


def series_words(series: SeriesLook) -> str:
    """Return how many series there are, from when to when, at which step."""
    names = [channel.name for channel in series.channels]
    columns = ", ".join(names[:SHOWN_CHANNELS]) + (", …" if len(names) > SHOWN_CHANNELS else "")
    extent = {
        "single": "one series",
        "wide": f"wide: {len(names):,} series, a column each ({columns})",
        "long": f"long: {series.series:,} series by {series.series_column}",
    }[series.shape]
    step = f", step {series.step}" if series.step else ""
    origin = "shown by the values: " if series.season_found else ""
    season = f", {origin}season of {series.season:,} steps" if series.season > 1 else ""
    return f"{extent}, {series.first} to {series.last}{step}{season}"


def stationarity_words(series: SeriesLook) -> str:
    """Return which columns keep their mean, by both tests; '' where nothing was tested."""
    verdicts: dict[str, list[str]] = {}
    for channel in series.channels:
        if channel.stationarity is not None:
            tests = channel.stationarity
            p_values = f" (ADF p {fixed(tests.adf_p, 3)}, KPSS p {fixed(tests.kpss_p, 3)})"
            shown_values = p_values if len(series.channels) == 1 else ""
            verdicts.setdefault(tests.verdict, []).append(f"{channel.name}{shown_values}")
    words = {
        "stationary": "the mean stays",
        "drifts": "the mean drifts (--scale window reads each window about its last value)",
        "undecided": "the tests disagree",
    }
    return "; ".join(
        f"{words[verdict]}: {first_names(verdicts[verdict])}" for verdict in words if verdict in verdicts
    )


def time_faults(series: SeriesLook) -> str:
    """Return what is wrong with the times, in counts."""
    counts = {
        "missing steps": series.gaps,
        "repeated times": series.repeated,
        "out of order": series.unsorted,
        "unreadable": series.unreadable,
    }
    return (
        ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        or "no gaps, no repeats, in order"
    )


def _shared(warning: InspectWarning) -> str:
    names = warning.name.split()
    first, second = (names[0], names[1]) if len(names) == 2 else (warning.name, warning.file)
    return (
        f"{warning.count:,} of {warning.of:,} texts of {second} are also in {first}: the score may flatter"
        " (--duplicates drop)"
    )


def _spoilt(warning: InspectWarning) -> str:
    rows = counted(warning.count, "text")
    first = f", first in row {warning.of:,}" if warning.of else ""
    sentences = {
        "mojibake": f"{rows} once read in the wrong encoding{first}: save them anew as UTF-8",
        "replacement character": f"{rows} with a lost character{first}",
        "control character": f"{rows} with control characters{first}",
        "markup": f"{rows} with HTML left in{first}",
        "no text": f"{rows} with only blanks{first}",
    }
    return sentences[warning.name]


def title_words(look: FileLook, size: str) -> str:
    """Return the file's first line: format, encoding, rows, columns, size."""
    parts = [f"{look.format}{', packed' if look.packed else ''}", look.encoding.upper()]
    rows = "" if look.rows is None else f"{look.rows:,} {look.unit}"
    columns = counted(len(look.columns), "column") if look.columns else ""
    return " · ".join(part for part in (*parts, rows, columns, size) if part)


def _small(warning: InspectWarning) -> str:
    classes = "1 class has" if warning.of == 1 else f"{warning.of:,} classes have"
    return f"{classes} few rows ({warning.name}: {warning.count:,}), too few to learn from or to judge by"


def _cut(warning: InspectWarning) -> str:
    return (
        f"{warning.count:,} of {warning.of:,} are cut at {fixed(warning.share or 0, 0)} tokens: what follows"
        " is never read (--max-len)"
    )


def _gaps(warning: InspectWarning) -> str:
    verb = "step is" if warning.count == 1 else "steps are"
    return (
        f"{warning.count:,} {verb} missing between the times: --fill linear or --fill last fills them, --fill"
        " cut keeps windows off them"
    )


_SENTENCES: Mapping[WarningCode, str] = {
    "conflicting labels": (
        "{count} of {of} repeated texts have another label than the first: no model can get both right"
    ),
    "near repeats": "{count} of {of} texts nearly repeat another: where one is tested on, the score flatters",
    "label in text": "{share} of the texts of class {name} contain its name: a model may learn that alone",
    "column gives label": (
        "column {name} gives the label of {share} of the rows away: keep it out of the texts"
    ),
    "imbalance": "{share} of the rows are {name}: accuracy flatters, so look at macro-F1",
    "unknown words": "{share} of the test {name} are new to a model: try --tokenizer char or bpe",
    "one-word texts": (
        "each of the {count} texts is one word, so there is no sequence: --tokenizer char reads inside it"
    ),
    "unreadable times": "{count} of {of} times cannot be read: write them all alike, such as 2024-01-31",
    "repeated times": (
        "{count} rows repeat an earlier time: of several series, name them with --series-column"
    ),
    "unsorted times": "{count} of {of} rows stand before an earlier time: sort the file by time",
    "constant values": "{name} has one value for {count} of {of} steps in a row: was a sensor switched off?",
}
"""Sentences that need no more than the warning's own figures."""

_MADE: Mapping[WarningCode, Callable[[InspectWarning], str]] = {
    "shared texts": _shared,
    "spoilt texts": _spoilt,
    "small class": _small,
    "much cut": _cut,
    "gaps": _gaps,
}
"""Sentences that turn on the figures."""


def warning_words(warning: InspectWarning) -> str:
    """Return a warning as a sentence."""
    if warning.code in _MADE:
        return _MADE[warning.code](warning)
    return _SENTENCES[warning.code].format(
        count=f"{warning.count:,}",
        of=f"{warning.of:,}",
        name=warning.name,
        share=share_words(warning.share or 0),
    )
