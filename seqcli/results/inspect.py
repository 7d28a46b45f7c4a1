"""`seqcli.inspect/1`: the content of a data file before anything is trained on it: facts, no prose."""

from typing import Literal

from pydantic import Field

from seqcli.results.record import Record
from seqcli.results.text_facts import InspectedTexts, Leak, Oddity, OrderFacts, RepeatFacts, SharedTexts

ColumnRole = Literal["text", "label", "id", "time", "number", "constant", "empty", "other"]


class ColumnLook(Record):
    """A column by its content.

    Attributes:
        name: The column's name.
        role: What it looks to be.
        rows: How many rows were looked at.
        filled: How many of them hold more than blanks.
        distinct: How many different values were seen.
        words: Words a value, on average, between blanks.
        characters: Characters a value, on average.
        longest: Characters of the longest value.
        values: Each value and how often it occurs, the most frequent first, where there are few of them.
        first: The first values that are different, cut to a few characters.
    """

    name: str
    role: ColumnRole
    rows: int
    filled: int
    distinct: int
    words: float
    characters: float
    longest: int
    values: tuple[tuple[str, int], ...] = ()
    first: tuple[str, ...] = ()


class FittingKind(Record):
    """A kind of task that the data fits.

    Attributes:
        name: The kind.
        columns: Its columns, by the keys of the options that name them.
        sure: Whether names or contents leave little doubt.
        by: What says so: the columns, the file's name, or the person.
    """

    name: str
    columns: dict[str, str] = Field(default_factory=dict)
    sure: bool = True
    by: Literal["columns", "file name", "options"] = "columns"


class SizeFacts(Record):
    """Examples, their lengths and vocabulary as training will have them.

    Attributes:
        called: The name of the examples: 'texts'.
        splits: Examples by split.
        unit: The name of tokens: 'words'.
        length_mean: Tokens an example before cutting, on average.
        length_p95: Tokens that 95 % of the examples do not exceed.
        length_max: Tokens of the longest.
        max_len: How many are kept.
        cut: How many examples are longer.
        vocabulary_kept: Different tokens that have an id of their own.
        vocabulary_total: Different tokens of the training examples.
        unknown: The share of test tokens without an id of their own; None where all have one by their nature.
        empty: Examples that hold nothing but blanks.
        dropped: Examples of numbers or images that were left out because an earlier one is the same.
    """

    called: str
    splits: dict[str, int]
    unit: str
    length_mean: float
    length_p95: float
    length_max: int
    max_len: int
    cut: int
    vocabulary_kept: int
    vocabulary_total: int
    unknown: float | None
    empty: int
    dropped: int = 0


class Stationarity(Record):
    """Two tests of whether a series keeps its mean, by p-values that statsmodels gives.

    They start from opposite sides: the augmented Dickey-Fuller test (1979) takes a unit root for granted,
    the KPSS test (Kwiatkowski et al., 1992) none. Where both agree at 5 %, the series is 'stationary' or
    'drifts'; else it stays 'undecided'.

    Attributes:
        adf_p: The first one's; small where there is no unit root.
        kpss_p: The second one's, which its table bounds to .01 to .1; small where the mean moves.
        verdict: What both say together.
        values: How many values were looked at, the newest.
    """

    adf_p: float
    kpss_p: float
    verdict: Literal["stationary", "drifts", "undecided"]
    values: int


class ChannelLook(Record):
    """A column of values over time.

    Attributes:
        name: The column.
        missing: Values that are not there or no number.
        next_step: The autocorrelation from one step to the next; None where nothing varies.
        season: The same a season apart; None without a season.
        constant: The longest run of one value, in steps.
        stationarity: Whether it keeps its mean; None without the extra 'series', or of too few values.
    """

    name: str
    missing: int
    next_step: float | None
    season: float | None
    constant: int
    stationarity: Stationarity | None = None


class SeriesLook(Record):
    """A table of series over time.

    Attributes:
        time: The column of times.
        series_column: The column that names the series; None for one.
        series: How many series.
        rows: Rows of all.
        step: The usual step, as pandas calls it; '' where there is none.
        first: The first time.
        last: The last time.
        unreadable: Rows whose time is none.
        unsorted: Rows that stand before an earlier time of their series.
        repeated: Rows whose time occurred before in their series.
        gaps: Steps that are missing.
        season: Steps of the season that times of such a step usually have, or that values show; 1 for none.
        channels: The columns of values.
        shape: 'wide' where each series is a column, 'long' where a column names the series of each row,
            'single' where there is one.
        season_found: Whether the values show the season, and the step of time does not tell it.
    """

    time: str
    shape: Literal["wide", "long", "single"] = "single"
    season_found: bool = False
    series_column: str | None
    series: int
    rows: int
    step: str
    first: str
    last: str
    unreadable: int
    unsorted: int
    repeated: int
    gaps: int
    season: int
    channels: list[ChannelLook]


class FolderLook(Record):
    """The images or recordings that lie in a folder.

    Attributes:
        images: How many images, in all folders within.
        sounds: How many recordings.
        looked: How many of them were opened, the first in the order of their paths.
        bytes: The size of all.
        forms: How many have each size and colour, or rate: '32x8 pixels grey', '8000 Hz mono'.
        broken: Those that cannot be read, from the folder.
    """

    images: int
    sounds: int
    looked: int
    bytes: int
    forms: dict[str, int]
    broken: list[str]


class Problem(Record):
    """The reason why the file cannot be learnt from as it is, and what helps."""

    message: str
    hint: str | None = None


class FileLook(Record):
    """One file, or the ready-made splits of one data set.

    Attributes:
        file: As it was given.
        format: 'CSV', 'JSONL', 'Parquet', ….
        packed: Whether it is packed with gzip.
        bytes: Its size.
        encoding: The encoding that it was read in; '' of binary formats.
        rows: How many rows it has; None where they could not be counted.
        unit: The name of its rows: 'rows', 'lines', 'sentences', 'characters'.
        columns: Its columns; none of what is no table.
        kinds: The kinds that fit, the likeliest first.
        sizes: What training will have of it.
        classes: How many rows each class has, the most frequent first.
        labels: The classes in the order of their numbers; of labelled words, their labels.
        majority_label: The most frequent one.
        majority: Its share of the rows; of labelled words, of those of the test split.
        texts: Which texts were looked at.
        repeats: Texts that say the same.
        shared: Texts that its splits share.
        leaks: What gives labels away.
        oddities: Signs of spoilt texts.
        order: The gain of word pairs, where it was asked for.
        series: Of series, their times and values.
        folder: Of a folder of images or recordings, what lies in it.
        cautions: What preparing the data found, as sentences.
        problem: Why it cannot be used; None where it can.
        command: The command to go on with; '' where there is none.
    """

    file: str
    format: str
    packed: bool
    bytes: int
    encoding: str
    rows: int | None
    unit: str
    columns: list[ColumnLook] = Field(default_factory=list)
    kinds: list[FittingKind] = Field(default_factory=list)
    sizes: SizeFacts | None = None
    classes: dict[str, int] = Field(default_factory=dict)
    labels: list[str] = Field(default_factory=list)
    majority_label: str | None = None
    majority: float | None = None
    texts: InspectedTexts | None = None
    repeats: RepeatFacts | None = None
    shared: list[SharedTexts] = Field(default_factory=list)
    leaks: list[Leak] = Field(default_factory=list)
    oddities: list[Oddity] = Field(default_factory=list)
    order: OrderFacts | None = None
    series: SeriesLook | None = None
    folder: FolderLook | None = None
    cautions: list[str] = Field(default_factory=list)
    problem: Problem | None = None
    command: str = ""


WarningCode = Literal[
    "conflicting labels",
    "near repeats",
    "shared texts",
    "label in text",
    "column gives label",
    "spoilt texts",
    "small class",
    "imbalance",
    "much cut",
    "unknown words",
    "one-word texts",
    "unreadable times",
    "gaps",
    "repeated times",
    "unsorted times",
    "constant values",
]


class InspectWarning(Record):
    """Something that a person should look at before training.

    Attributes:
        code: What it is.
        file: The file.
        name: A class, a column, a split or a sort of oddity, as the code needs it.
        count: How many.
        of: Of how many.
        share: A share, where that says more.
    """

    code: WarningCode
    file: str
    name: str = ""
    count: int = 0
    of: int = 0
    share: float | None = None


class Inspection(Record):
    """`seqcli inspect`: each file, what they share, and what to look at."""

    schema_: Literal["seqcli.inspect/1"] = Field(default="seqcli.inspect/1", alias="schema")
    files: list[FileLook]
    shared: list[SharedTexts] = Field(default_factory=list)
    warnings: list[InspectWarning] = Field(default_factory=list)

    @property
    def problems(self) -> list[FileLook]:
        """The files that cannot be used."""
        return [look for look in self.files if look.problem is not None]
