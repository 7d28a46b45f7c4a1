"""The settings of the data: its location, its reading, and the encoding of text as ids."""

import os
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import model_validator

from seqcli.config.names import ALIGNED, Known, OneLine, holds_letters, relocated
from seqcli.config.settings import NonNegativeInt, PositiveInt, Settings, Split, clash
from seqcli.data.numeric_values import ImageSize, Mels, Milliseconds, Quantiles, SampleRate, Window
from seqcli.data.pair_scores import BleuTokenizer
from seqcli.data.reading_values import (
    ColumnNames,
    Encoding,
    FoldCount,
    LocalePair,
    Location,
    Separator,
    StepLimit,
    TokenizerName,
)
from seqcli.data.tokenizer import recipe_of


def _kind_names() -> tuple[str, ...]:
    """The kinds of task that there are."""
    from seqcli.data.kind import KINDS

    return KINDS.names()


def _metric_names() -> tuple[str, ...]:
    """The scores that a person may choose from."""
    from seqcli.data.kind import metric_names

    return metric_names()


BEGINNING = frozenset({"vectors", "vectors_frozen", "init_from"})
"""Settings that came later, too, and decide what training begins with, not what texts become."""

LATER = frozenset(
    {
        "image_column",
        "caption_column",
        "image_size",
        "split",
        "group_column",
        "folds",
        "fold",
        "duplicates",
        "quantiles",
        "crf",
        "conformal",
        "stride",
        "past_column",
        "future_column",
        "reverse_complement",
        "characters",
        "rate",
        "mels",
        "frame",
        "hop",
        "frame_encoder",
    }
)
"""Settings that came after the first results were kept: those that were not set are not kept either, so that
what was kept before goes on meaning the same."""


def anchored(settings: Mapping[str, object]) -> dict[str, object]:
    """Settings as they are kept: data by its whole path, which means the same from any folder."""
    anchored_settings = {
        key: value for key, value in settings.items() if value is not None or key not in LATER | BEGINNING
    }
    for key in LOCATIONS & anchored_settings.keys():
        value = anchored_settings[key]
        if isinstance(value, str):
            anchored_settings[key] = relocated(value, os.path.abspath)
    return anchored_settings


LOCATIONS = frozenset({"data", "train", "valid", "test", "vectors", "init_from"})
"""Settings that say where data lies."""

DECIDING = frozenset(
    {
        "encoding",
        "sep",
        "header",
        "missing_labels",
        "split_seed",
        "tokenizer",
        "lowercase",
        "vocab_size",
        "max_len",
    }
)
"""Settings that decide what texts become; prepared data is kept under them."""


class DataConfig(Settings):
    """The location of the data and its encoding; all of it may stay unset for a built-in task.

    Attributes:
        data: One file to split into train, valid and test.
        train: A ready-made training split.
        valid: A ready-made validation split; None splits it off the training data.
        test: A ready-made test split; None splits it off the training data.
        text_column: The column that holds the texts; None guesses it where only one can be meant.
        label_column: The column that holds the labels; None guesses it where only one can be meant.
        source_column: Of pairs, the column that holds what is read; None guesses it by a usual name.
        target_column: Of pairs, the column that holds what is to be written.
        image_column: Of images with captions, the column that names the image files; None guesses it by its
            values.
        caption_column: Of images with captions, the column of captions; None guesses it.
        image_size: The width and height that images are brought to, '32x32'; None wants all of one size.
        pair: Of the built-in translation, the two locales: 'en-ko' reads English.
        length: Of generated sequences, the most steps.
        vocabulary: Whether sources and targets share one vocabulary ('joint') or have one each.
        metric: What is scored, where its kind of task leaves a choice; None leaves it to the task.
        kind: What a person's own data is for; None goes by its columns and by the models named.
        bleu_tokenize: How BLEU finds words, by sacrebleu's names; None goes by the targets' script.
        encoding: How the bytes of csv, tsv and jsonl files spell characters.
        sep: The character between columns; None is ',' in .csv and a tab in .tsv.
        header: Whether delimited text names its columns in its first row, which None takes for granted;
            without, they are called 1, 2, 3, ….
        missing_labels: What a row without a label means: 'error', which None is, or 'drop'.
        duplicates: What becomes of rows that repeat a text: 'drop' leaves each once in all splits, 'keep' all
            of them, 'error' refuses them; None drops them where a split is taken off, not of ready-made ones.
        split_seed: The seed of the split into train, valid and test.
        split: The shares of train, valid and test, of series also their spans of time; None takes a tenth for
            each split that is not ready-made.
        group_column: The column that names each row's group, which is in one split only; None for no groups.
        folds: Of a cross-validation, into how many test sets the rows of train and test are divided.
        fold: Which of them is tested on, from 0.
        time_column: Of series, the column of times; None takes the one of a usual name.
        value_column: Of series and signals, the columns of values, the channels; None takes all of numbers.
        past_column: Of series, columns that are read beside the values and known up to the present alone.
        future_column: The same of what is known ahead too, such as holidays: read for the steps ahead too.
        id_column: Of signals, the column that names the sequences: rows of one id are one; None guesses it.
        step_column: Of signals, the column by which a sequence's rows are sorted; None guesses it by a usual
            name, or leaves them in the file's order.
        series_column: The column that tells several series apart; None for one series.
        rate: Of recordings, samples a second; None takes what most files have. Others are resampled.
        mels: Of recordings, bands of a frame on the mel scale; None is 40.
        frame: Of recordings, milliseconds of a window; None is 25.
        hop: Of recordings, milliseconds from one window to the next; None is 10.
        context: Of series, how many steps are read; None leaves it to the task, or is 168.
        horizon: How many steps ahead are answered; None leaves it to the task, or is 24.
        period: The steps of a season, by which MASE is scaled; None leaves it to the task, or is 1.
        scale: How series are scaled: by mean and standard deviation of training ('standard', which None is
            unless the task prefers another), or each window by them about its own last value ('window').
        fill: What stands where a series has a gap; None lets it be an error.
        quantiles: Of each value ahead, the quantiles that are answered, 0.5 among them; None for the value.
        conformal: Whether quantiles are corrected by validation, which None is where there are quantiles.
        stride: Steps between the beginnings of two test windows; None is the horizon, so that none overlap.
        bptt: Of a text to continue, through how many tokens gradients flow back; None is 100.
        reverse_complement: Whether training also learns from the other strand of each sequence of
            nucleotides; None does not.
        characters: Of labelled words, whether each also has a vector from its letters; None has none.
        vectors: Pretrained vectors of words, with which the embedding begins: text as word2vec, GloVe and
            fastText write it, or .npy or .safetensors with the words a line each beside it.
        vectors_frozen: Whether they stay as they are; None trains them on.
        init_from: A run directory whose weights training begins with, as far as they fit.
        tokenizer: How text becomes tokens; what stands behind a colon outranks `vocab_size`.
        lowercase: Whether upper-case letters are taken for lower-case ones; None does so for words of texts
            that are classified, and never for pairs, whose translations would hold none.
        vocab_size: The most ids a vocabulary may have, its four reserved ones included.
        max_len: The most tokens kept of a text, in tokens from its start; None keeps the longest
            training text whole up to 250 tokens.
    """

    data: Location | None = None
    train: Location | None = None
    valid: Location | None = None
    test: Location | None = None
    text_column: OneLine | None = None
    label_column: OneLine | None = None
    source_column: OneLine | None = None
    target_column: OneLine | None = None
    image_column: OneLine | None = None
    caption_column: OneLine | None = None
    image_size: ImageSize | None = None
    pair: LocalePair | None = None
    length: StepLimit | None = None
    vocabulary: Literal["joint", "separate"] = "joint"
    metric: Annotated[str, Known("metric", _metric_names)] | None = None
    kind: Annotated[str, Known("kind of task", _kind_names)] | None = None
    bleu_tokenize: BleuTokenizer | None = None
    encoding: Encoding = "utf-8"
    sep: Separator | None = None
    header: bool | None = None
    missing_labels: Literal["error", "drop"] | None = None
    duplicates: Literal["drop", "keep", "error"] | None = None
    split_seed: NonNegativeInt = 0
    split: Split | None = None
    group_column: OneLine | None = None
    folds: FoldCount | None = None
    fold: NonNegativeInt | None = None
    time_column: OneLine | None = None
    value_column: ColumnNames | None = None
    past_column: ColumnNames | None = None
    future_column: ColumnNames | None = None
    series_column: OneLine | None = None
    id_column: OneLine | None = None
    step_column: OneLine | None = None
    rate: SampleRate | None = None
    mels: Mels | None = None
    frame: Milliseconds | None = None
    hop: Milliseconds | None = None
    context: Window | None = None
    horizon: Window | None = None
    period: Window | None = None
    scale: Literal["standard", "window"] | None = None
    fill: Literal["last", "linear", "cut"] | None = None
    quantiles: Quantiles | None = None
    conformal: bool | None = None
    stride: Window | None = None
    bptt: Window | None = None
    reverse_complement: bool | None = None
    characters: bool | None = None
    vectors: Location | None = None
    vectors_frozen: bool | None = None
    init_from: Location | None = None
    tokenizer: TokenizerName = "word"
    lowercase: bool | None = None
    vocab_size: PositiveInt = 10_000
    max_len: PositiveInt | None = None

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.data and self.train:
            raise clash("data and train exclude each other: drop one", "data", "train")
        for name in ("valid", "test"):
            if getattr(self, name) and not (self.train or self.data):
                raise clash(f"{name} needs training data beside it: add train", name)
        if self.text_column and self.text_column == self.label_column:
            raise clash("text_column and label_column must differ", "text_column", "label_column")
        if self.source_column and self.source_column == self.target_column:
            raise clash("source_column and target_column must differ", "source_column", "target_column")
        if self.image_column and self.image_column == self.caption_column:
            raise clash("image_column and caption_column must differ", "image_column", "caption_column")
        self._check_split()
        self._check_beginning()
        smallest = recipe_of(self.tokenizer).smallest
        if self.vocab_size < smallest:
            raise clash(
                f"vocab_size must be at least {smallest} for the {self.tokenizer} tokenizer", "vocab_size"
            )
        return self

    def _check_beginning(self) -> None:
        """Refuse options of the first weights that contradict each other.

        Raises:
            PydanticCustomError: Which ones.
        """
        if self.vectors and self.init_from:
            raise clash("vectors and init_from both say the first vectors: drop one", "vectors", "init_from")
        if self.vectors_frozen and not self.vectors:
            raise clash("vectors_frozen needs vectors beside it", "vectors_frozen")

    def _check_split(self) -> None:
        """Refuse options of the split that contradict each other.

        Raises:
            PydanticCustomError: Which ones.
        """
        for name in ("valid", "test"):
            if self.split and getattr(self, name):
                raise clash(f"split divides one file, and {name} is ready-made: drop one", "split", name)
        if self.folds and self.test:
            raise clash("folds are test sets of their own: drop folds or test", "folds", "test")
        if self.group_column and self.group_column in (self.text_column, self.label_column):
            raise clash(
                "group_column must be another column than text_column and label_column", "group_column"
            )
        if self.fold is not None and self.fold >= (self.folds or 0):
            raise clash("fold must be below folds", "fold", "folds")

    @property
    def deciding(self) -> dict[str, object]:
        """The settings that decide what texts become; of those that came later, the ones that were set."""
        return {**self.model_dump(mode="json", include=set(DECIDING)), **self.deciding_later}

    @property
    def deciding_later(self) -> dict[str, object]:
        """Those of the settings that came later and decide, where they were set."""
        later = self.model_dump(mode="json", include=set(LATER & DataConfig.model_fields.keys()))
        return {key: value for key, value in later.items() if value is not None}

    @property
    def pairs(self) -> bool:
        """Return whether a person's own data are pairs, as its columns or its two files tell."""
        place = self.location or ""
        return bool(
            self.source_column or self.target_column or (ALIGNED in place and not holds_letters(place))
        )

    @property
    def location(self) -> str | None:
        """The location of the training data, or of all of it."""
        return self.data or self.train

    @property
    def own(self) -> bool:
        """Return whether a person brought the data."""
        return bool(self.data or self.train)
