"""A kind of task: what goes in, what comes out, how it is scored; each is one file in `kinds/`.

Nothing outside those files asks which kind a task is of, or compares a metric's name.
"""

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, get_args

from seqcli.data.metric import AnswerRow, Metric
from seqcli.errors import UsageError, unknown_name
from seqcli.registry import Registry
from seqcli.results.line_answers import LabelledText, TaggedText
from seqcli.results.steps_ahead import StepScores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from seqcli.data.facts import DataFacts
    from seqcli.data.sequences import SequenceSplit
    from seqcli.data.tokenizer import Tokenizer
    from seqcli.results.inspect import ColumnLook


S = TypeVar("S")


class OwnData(Protocol):
    """The location of a person's own data, and its declared kind."""

    @property
    def kind(self) -> str | None:
        """The kind that was named."""

    @property
    def pairs(self) -> bool:
        """Return whether its columns or its files are two sides."""

    @property
    def location(self) -> str | None:
        """The location of the training data."""

    @property
    def time_column(self) -> str | None:
        """The column of times that was named."""

    @property
    def text_column(self) -> str | None:
        """The column of texts that was named."""

    @property
    def id_column(self) -> str | None:
        """The column of sequences' names that was named."""

    @property
    def step_column(self) -> str | None:
        """The column of steps that was named."""


class NamedTokenizer(Protocol):
    """A tokenizer as prepared data names it."""

    @property
    def name(self) -> str:
        """Its kind and settings, as a person says them; '' of data without text."""


class ReadyData(Protocol):
    """Prepared data as a kind of task reads it."""

    @property
    def kind(self) -> str:
        """The task's kind."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes in the order of their numbers."""

    @property
    def tokenizer(self) -> "NamedTokenizer":
        """The tokenizer of its texts."""

    @property
    def splits(self) -> "Mapping[str, SequenceSplit]":
        """The data under 'train', 'valid' and 'test'."""

    @property
    def facts(self) -> "DataFacts":
        """Its origin, and what it is like."""

    def texts(self, split: str) -> Iterable[str]:
        """The raw texts of a split, in the order of its rows."""

    def cut_texts(self, split: str) -> Sequence[str]:
        """The texts of a split as far as their ids go."""


@dataclass(frozen=True, eq=False)
class NewTexts:
    """New texts as a model reads them.

    Args:
        split: Their ids; what there is to answer is not known.
        pieces: What `answer` is given of each text beside the model's output.
        tokens: How many tokens the model reads of each text.
        known: How many of those its vocabulary has.
    """

    split: "SequenceSplit"
    pieces: Sequence[Any]
    tokens: Sequence[int]
    known: Sequence[int]


class Reader(Protocol):
    """The reading of new texts by a trained run, and the wording of its answers."""

    def read(
        self, texts: Sequence[str], tokenizer: "Tokenizer", max_len: int, reading: Mapping[str, object]
    ) -> NewTexts:
        """The texts as ids, as the training texts became ids.

        Args:
            texts: The texts.
            tokenizer: The run's own.
            max_len: Tokens kept of a text.
            reading: What else the run remembers of how it reads.
        """

    def answer(
        self, output: "NDArray[Any]", piece: Any, labels: tuple[str, ...]
    ) -> LabelledText | TaggedText:
        """The answer to one text.

        Args:
            output: What evaluation keeps of the model's answer, one row.
            piece: What `NewTexts.pieces` tells of the text.
            labels: The classes, by number.
        """


def split_of(prepared: ReadyData, name: str, form: type[S]) -> S:
    """A split in the form that its kind writes.

    Raises:
        TypeError: It has another form: a bug, since the kind opens its splits itself.
    """
    split: object = prepared.splits[name]
    if not isinstance(split, form):
        raise TypeError(f"a split is {type(split).__name__}, not {form.__name__}")
    return split


@dataclass(frozen=True)
class KindFit:
    """A kind that a table's columns fit.

    Args:
        columns: The options that name its columns, by their keys: `text_column` and the like.
        sure: Whether names or contents leave little doubt.
    """

    columns: Mapping[str, str]
    sure: bool = True


CorrectedTest = tuple["SequenceSplit", Mapping[str, object]]
"""A test split by which a network's answers are read, and what a run remembers of that."""

GuideArchitecture = Literal["one-to-one", "one-to-many", "many-to-one", "many-to-many"]
"""The guide's four ways from inputs to outputs over time."""

ARCHITECTURES: tuple[str, ...] = get_args(GuideArchitecture)
"""Their names, in the guide's order."""

Examples = tuple[Sequence[Any], Sequence[Any]]
"""Inputs and right answers of a split's examples, as a method without recurrence takes them."""


@dataclass(frozen=True)
class Kind:
    """A kind of task: how its splits are stored, scored, answered and told.

    Args:
        metrics: Its scores; the first is the one unless a person chooses another.
        open_split: Opens a split, by its name, from a prepared folder.
        prediction_lines: The lines of `predictions.jsonl`, one by one: of each test example what is right
            beside what is said. It takes the data, and what evaluation kept of the model's answers, one row
            an example in order.
        own: The task that a person's own data of this kind makes, by its name; None where there is none.
        meant: Whether the options of a person's own data say that it is of this kind.
        fits: From the columns of a table, by their content, to those that data of this kind would have; None
            where it lacks one.
        told_by: Options that only data of this kind has: naming one says that it is of it.
        defaults: What a person's own data of this kind prefers for any option left open.
        usual: Whether a person's own data is taken for this kind where nothing says otherwise.
        baselines: What is scored beside the models: names of `seqcli.models.baselines`, and what people
            call them.
        examples: What those learn from and answer, of a split by its name; None where there are none.
        fitting: Which of the baselines say something of such data; None for all.
        reader: How `predict` uses a run; None where it cannot.
        continues: Whether `predict` continues tables of series, in place of answering texts.
        of_vectors: Whether inputs are vectors: `predict` labels the sequences of files, in place of texts.
        of_images: Whether inputs are images: `predict` writes below the images of files, in place of texts.
        writes_on: Whether `generate` writes on with a run, token by token.
        architecture: Its place among the guide's four: what goes in, and what comes out.
        one_way: Whether a model may read in one direction alone: the other would show it what it is to say.
        use: The command that uses a run, for its README; '' for none.
        further_metrics: Which other scores stand beside the one, going by the labels.
        entities: From the lines of `predictions.jsonl` to each type of entity and its counts: found whole,
            said, there; None where no labels spell entities.
        chains_labels: Whether neighbouring answers may be one path, scored together.
        weighs_classes: Whether training can weigh the classes' errors by how rare each is.
        classified: From the lines of `predictions.jsonl` to the right class, and the one that is said, of
            each thing that was put into a class; None where nothing is.
        corrected: From data and a network's answers to validation to the test split as its answers are then
            read, and what a run remembers of that; None where they are read as they are.
        word_table: The weight that holds a vector for each token that is read, by its name in the models.
        step_scores: From the same lines to the scores of each step ahead; None where there are no such steps.
    """

    metrics: tuple[Metric, ...]
    open_split: "Callable[[Path, str], SequenceSplit]"
    prediction_lines: "Callable[[ReadyData, NDArray[Any]], Iterator[bytes]]"
    own: Callable[..., object] | None = None
    meant: Callable[[OwnData], bool] = lambda _: False
    fits: "Callable[[Sequence[ColumnLook]], KindFit | None]" = lambda _: None
    told_by: frozenset[str] = frozenset()
    defaults: Mapping[str, object] = field(default_factory=dict)
    usual: bool = False
    baselines: Mapping[str, str] = field(default_factory=dict)
    examples: Callable[[ReadyData, str], Examples] | None = None
    fitting: Callable[[ReadyData], Collection[str]] | None = None
    reader: Reader | None = None
    continues: bool = False
    of_vectors: bool = False
    of_images: bool = False
    writes_on: bool = False
    architecture: GuideArchitecture = "many-to-one"
    one_way: bool = False
    use: str = ""
    further_metrics: Callable[[Sequence[str]], tuple[Metric, ...]] = lambda _: ()
    entities: Callable[[Sequence[AnswerRow]], Mapping[str, Sequence[int]]] | None = None
    chains_labels: bool = False
    weighs_classes: bool = False
    word_table: str = "embedding.weight"
    classified: Callable[[Sequence[AnswerRow]], Iterable[tuple[str, str]]] | None = None
    step_scores: Callable[[Sequence[AnswerRow]], StepScores | None] | None = None
    corrected: "Callable[[ReadyData, NDArray[Any]], CorrectedTest | None] | None" = None

    def baselines_for(self, prepared: ReadyData) -> tuple[str, ...]:
        """The names of the baselines that say something of such data."""
        fitting = None if self.fitting is None else self.fitting(prepared)
        return tuple(name for name in self.baselines if fitting is None or name in fitting)

    def command(self, run: Path | str) -> str:
        """The command that uses a run, as a person types it; '' for none."""
        return self.use.replace(" .", f" {shlex.quote(str(run))}", 1)

    @property
    def metric(self) -> Metric:
        """The metric unless a person chooses another."""
        return self.metrics[0]

    def scored_by(self, name: str | None) -> Metric:
        """The score of that name; the usual one for None.

        Raises:
            UsageError: No score of this kind has that name.
        """
        if name is None:
            return self.metric
        for metric in self.metrics:
            if name in (metric.name, metric.alias):
                return metric
        raise unknown_name("metric", name, [metric.name for metric in self.metrics])


KINDS: Registry[Kind] = Registry("kind of task", "seqcli.data.kinds", "KIND")


@lru_cache(maxsize=64)
def metric_named(name: str) -> Metric:
    """The score of that name, which means the same in every kind that has it.

    Of one that no kind has, as in a result of another version, nothing is known but its name.
    """
    known = (
        metric for kind in KINDS.loaded_first() for metric in KINDS.get(kind).metrics
    )  # no kind more than needed
    unknown = Metric(name, higher_is_better=True, margin=0.0)
    return next((metric for metric in known if metric.name == name), unknown)


def metric_names() -> tuple[str, ...]:
    """The scores that a person may choose, where a kind leaves a choice."""
    kinds = map(KINDS.get, KINDS.names())
    chosen = (metric for kind in kinds if len(kind.metrics) > 1 for metric in kind.metrics if metric.chosen)
    return tuple(dict.fromkeys(name for metric in chosen for name in (metric.name, metric.alias) if name))


def own_kind(config: OwnData, learnt: Iterable[str] | None = None) -> str:
    """The kind of a person's own data: as said, or as its options, or the models that learn it, tell.

    Args:
        config: Where the data lies; `--kind` outranks all else.
        learnt: The kinds that the models named learn; None for any.
    """
    if config.kind is not None:
        return config.kind
    bringable = [name for name in KINDS.names() if KINDS.get(name).own is not None]
    meant = [name for name in bringable if KINDS.get(name).meant(config)]
    if meant:
        return meant[0]
    possible = [name for name in bringable if learnt is None or name in learnt] or bringable
    usual = [name for name in possible if KINDS.get(name).usual]
    return (usual or possible)[0]


def fitting_kinds(looks: "Sequence[ColumnLook]") -> dict[str, KindFit]:
    """The kinds that a table's columns fit, the surest first; of equals the usual one."""
    fits = {name: fit for name in KINDS.names() if (fit := KINDS.get(name).fits(looks)) is not None}
    order = sorted(fits, key=lambda name: (not fits[name].sure, not KINDS.get(name).usual, name))
    return {name: fits[name] for name in order}


def no_own_data(kind: str) -> UsageError:
    """The error for a kind that only built-in tasks are of."""
    known = ", ".join(name for name in KINDS.names() if KINDS.get(name).own is not None)
    return UsageError(
        f"there is no way yet to bring your own data of kind {kind}",
        f"Say --task NAME, or bring data of kind {known}.",
    )
