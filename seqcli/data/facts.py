"""The facts of the data that a model saw."""

from pydantic import Field

from seqcli.results.definition import Definition
from seqcli.results.record import Record

MOST_SMOOTHED = 30
"""Channels of all series that exponential smoothing is fitted to, which takes 3 seconds each."""
MANY_UNKNOWN = 0.05
"""The share of target tokens from which on their absence is told even where little else is."""
MUCH_LOST = 0.1
"""The share of rows that are cut or dropped from which on that is told likewise."""
MOSTLY_UNKNOWN = 0.5
"""The share of unknown words from which on a model reads more gaps than text."""


class SeriesFacts(Record):
    """The facts of series in time, and their split.

    Attributes:
        series: How many.
        columns: Their channels.
        steps: Rows of all of them.
        step: The step of time, as pandas calls it; of whole numbers, their difference.
        context: Steps that are read.
        horizon: Steps ahead that are answered.
        season: Steps of a season, given or usual at such times; 1 for none.
        period: The steps between the two values whose mean difference MASE divides by.
        filled: How many missing numbers were filled.
        valid_from: The first time that is not learnt from, of the first series.
        test_from: The first time that is tested on, of the first series.
        block: Of test windows that overlap, the steps of a block that intervals count as one; 0 for others.
        quantiles: Those that are answered; none for the value alone.
        conformal: Whether validation corrects them.
        past: Columns that are read beside the values, known up to the present.
        future: Those known ahead too.
        cut: Whether no window reads or answers a number that was missing.
    """

    series: int
    columns: tuple[str, ...]
    steps: int
    step: str
    context: int
    horizon: int
    season: int
    period: int
    filled: int
    valid_from: str
    test_from: str
    block: int = 0
    quantiles: tuple[float, ...] = ()
    conformal: bool = False
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    cut: bool = False


class SoundFacts(Record):
    """The facts of recordings that became frames.

    Attributes:
        rate: Samples a second of all frames.
        mels: Bands of a frame.
        frame: Milliseconds of a window.
        hop: Milliseconds from one window to the next.
        files: How many recordings.
        resampled: How many of them had another rate, by that rate.
        mixed: How many of them had several channels, of which the mean was taken.
    """

    rate: int
    mels: int
    frame: float
    hop: float
    files: int
    resampled: dict[str, int]
    mixed: int


class FilmFacts(Record):
    """The facts of sequences whose steps are images.

    Attributes:
        height: Rows of pixels.
        width: Pixels of a row.
        channels: Numbers of a pixel: 1 of grey images, 3 of colour.
        resized: How many images had another size.
        image_size: The size that they were brought to, '32x32'; '' where all had one.
    """

    height: int
    width: int
    channels: int
    resized: int = 0
    image_size: str = ""

    @property
    def size(self) -> tuple[int, int, int]:
        """Rows, columns, and numbers of a pixel."""
        return self.height, self.width, self.channels


class SignalFacts(Record):
    """The facts of sequences of vectors.

    Attributes:
        channels: Their names, or their numbers where they have none.
        named: Whether they are names.
        id_column: The column that names the sequences; '' for none.
        step_column: The column by which rows are sorted; '' for none.
        label_column: The column of labels; '' for none.
        guessed: The options that were not given and whose column was guessed.
        kind_guessed: Whether nobody said that the data is of this kind.
        left_out: Columns that nobody named and that are no channel.
        constant: Channels that never change in training.
        marked: Channels with a mark where a value is missing.
        values: Numbers of all splits.
        missing: How many of them are missing.
        shortest: Steps of the shortest sequence.
        unlabelled: Sequences that were left out because they have no label.
        shared: Of ready-made splits, the sequences that also occur in training.
        per_step: Whether each step has a label.
        unlabelled_steps: Steps without one, which are read and never scored.
        sound: Of recordings, how they became frames.
        film: Of steps that are images, their size.
        sizes: Sequences by split.
        rows: Whether each is one row that stands for itself.
        label_run: Of such rows, how many after each other have one label on average, where labels come back
            and last far longer than by chance; 0 otherwise.
        steps: Of a row a sequence, the columns of its first and its last step; empty of a row a step.
    """

    channels: tuple[str, ...]
    named: bool
    id_column: str
    step_column: str
    label_column: str
    guessed: tuple[str, ...]
    kind_guessed: bool
    left_out: tuple[str, ...]
    constant: tuple[str, ...]
    marked: tuple[str, ...]
    values: int
    missing: int
    shortest: int
    unlabelled: int
    shared: dict[str, int]
    sizes: dict[str, int]
    per_step: bool = False
    unlabelled_steps: int = 0
    rows: bool = False
    label_run: float = 0.0
    steps: tuple[str, ...] = ()
    sound: SoundFacts | None = None
    film: FilmFacts | None = None


class CellFacts(Record):
    """The cells that images are known to be made of: a digit of a number in each, from the left.

    Attributes:
        width: Pixels of a cell; it is as high as the image.
        numbers_in: The language that captions spell the numbers in.
    """

    width: int
    numbers_in: str


class ImageFacts(Record):
    """The facts of images with captions.

    Attributes:
        images: How many different files there are.
        height: Rows of pixels.
        width: Pixels of a row.
        channels: Numbers of a pixel: 1 of grey images, 3 of colour.
        resized: How many images had another size.
        image_column: The column of images' names; '' for none.
        caption_column: The column of captions; '' for none.
        guessed: The options that were not given and whose column was guessed.
        kind_guessed: Whether nobody said that the data is of this kind.
        dropped: Training captions left out because they are longer than `max_len`.
        max_len: The most tokens of a caption.
        empty: Rows left out because they have no caption.
        cells: What the task says of the images' parts; None where nobody knows of any.
    """

    images: int
    height: int
    width: int
    channels: int
    resized: int
    image_column: str
    caption_column: str
    guessed: tuple[str, ...]
    kind_guessed: bool
    dropped: int
    max_len: int
    empty: int
    cells: CellFacts | None = None


class StreamFacts(Record):
    """The facts of one text that is read from its beginning to its end, and its parts.

    Attributes:
        characters: Of each part, after NFC.
        tokens: Of each part.
        unit: The name of tokens.
        unknown: Tokens of the test part that training never showed.
        bptt: Tokens through which gradients flow back.
        spelling: Of tokens that are words, the bits in which the unknown ones of the test part are spelt.
    """

    characters: dict[str, int]
    tokens: dict[str, int]
    unit: str
    unknown: int
    bptt: int
    spelling: float | None = None


class SharedWithRun(Record):
    """The part of an earlier run's vocabulary and classes that new data has too.

    Attributes:
        same: Whether both are the same altogether.
        tokens: Tokens of the data that the run knows.
        of_tokens: Tokens of the data.
        classes: Classes of the data that the run knows.
        of_classes: Classes of the data.
    """

    same: bool = True
    tokens: int = 0
    of_tokens: int = 0
    classes: int = 0
    of_classes: int = 0


class DataFacts(Record):
    """The origin of prepared data, its sizes, and the losses of preparing it.

    Attributes:
        source: What the data is, in words: a task's source or the files' names.
        licence: Its licence, where known.
        sha256: The SHA-256 of the source's bytes; of several files, of their parts' names and hashes.
        text_column: The column that held the texts.
        label_column: The column that held the labels.
        guessed: The options whose columns were guessed.
        head: The first three rows as read, by column.
        read: How many rows were read.
        duplicates: How many of them were dropped because the tokenizer sees the same of an earlier one: words
            are the same in any letter case, characters and byte pairs are not.
        conflicting: How many of those had another label than the earlier one.
        groups: How many groups each split has; empty where rows belong to none.
        group_column: The column that names them.
        empty: How many texts hold nothing but blanks; each is one unknown token.
        class_counts: Examples of each class by split.
        majority_label: The most frequent class of the training split; of equals, the first in the alphabet.
        majority_share: Its share of the test split.
        called: What its examples are called: 'sentences'.
        unit: What tokens are called: 'words'.
        length_mean: Tokens a text before cutting, on average.
        length_p95: Tokens that 95 % of the texts do not exceed.
        length_max: Tokens of the longest text.
        max_len: How many tokens are kept of a text.
        cut: How many texts of all splits are longer.
        vocabulary_kept: Different tokens that have an id of their own.
        vocabulary_total: Different tokens that the training texts hold.
        unknown: The share of tokens without an id of their own, by split.
        unknown_targets: Of pairs, the same share of the targets' tokens.
        definition: Of a generated task, the published definition that it follows.
        series: Of series in time, what they are like.
        stream: Of one text to continue, what it is like.
        signals: Of sequences of vectors, what they are like.
        images: Of images with captions, what they are like.
        warnings: What a person should look at, as sentences.
    """

    source: str
    licence: str | None = None
    sha256: str
    text_column: str = ""
    label_column: str = ""
    guessed: tuple[str, ...] = ()
    head: tuple[dict[str, str], ...] = ()
    read: int
    duplicates: int = 0
    conflicting: int = 0
    groups: dict[str, int] = Field(default_factory=dict)
    group_column: str = ""
    empty: int = 0
    class_counts: dict[str, dict[str, int]] = Field(default_factory=dict)
    majority_label: str | None = None
    majority_share: float | None = None
    called: str = "texts"
    unit: str = "steps"
    length_mean: float
    length_p95: float
    length_max: int
    max_len: int
    cut: int = 0
    vocabulary_kept: int = 0
    vocabulary_total: int = 0
    unknown: dict[str, float] = Field(default_factory=dict)
    unknown_targets: dict[str, float] = Field(default_factory=dict)
    definition: Definition | None = None
    series: SeriesFacts | None = None
    stream: StreamFacts | None = None
    signals: SignalFacts | None = None
    images: ImageFacts | None = None
    warnings: tuple[str, ...] = ()

    @property
    def column_options(self) -> tuple[str, str]:
        """The options that name the two columns: texts and labels, or what stands for them."""
        if self.images is not None:
            return "--image-column", "--caption-column"
        pairs = any(option in ("--source-column", "--target-column") for option in self.guessed)
        return ("--source-column", "--target-column") if pairs else ("--text-column", "--label-column")

    @property
    def sizes(self) -> dict[str, int]:
        """Examples by split."""
        return {split: sum(counts.values()) for split, counts in self.class_counts.items()}

    @property
    def examples(self) -> int:
        """Examples of all splits."""
        return sum(self.sizes.values())

    @property
    def cut_share(self) -> float:
        """The share of texts that are cut."""
        return self.cut / self.examples if self.examples else 0.0
