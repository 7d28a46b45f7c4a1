"""The keyword arguments of each function: the command's options, with underscores.

What is not given keeps the default that `seqcli COMMAND --help` tells. Neither `SEQCLI_*` variables nor a
`seqcli.yaml` are read, so that a call means the same wherever it is made; `config=FILE` names one.
"""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Literal, TypedDict, Union

if TYPE_CHECKING:
    from pandas import DataFrame

PathOrName = str | PathLike[str]
"""A file, a folder, or of data what else the command takes: 'hf:NAME', 'A::B'."""

TimeLimit = float | str
"""Seconds, or as people write them: '90s', '20m', '2h'."""

FileOrFrame = Union[PathOrName, "DataFrame"]
"""Where data lies, or a table of pandas with a row for each example."""


class DataOptions(TypedDict, total=False):
    """The data, how it is read, and how it is split."""

    task: str
    data: FileOrFrame
    train: FileOrFrame
    valid: FileOrFrame
    test: FileOrFrame
    kind: str
    text_column: str
    label_column: str
    source_column: str
    target_column: str
    image_column: str
    caption_column: str
    image_size: str
    pair: str
    length: int
    vocabulary: Literal["joint", "separate"]
    metric: str
    bleu_tokenize: str
    encoding: str
    sep: str
    header: bool
    missing_labels: Literal["error", "drop"]
    duplicates: Literal["drop", "keep", "error"]
    split: str | Sequence[float]
    split_seed: int
    group_column: str
    folds: int
    fold: int
    time_column: str
    value_column: Sequence[str]
    past_column: Sequence[str]
    future_column: Sequence[str]
    series_column: str
    id_column: str
    step_column: str
    rate: int
    mels: int
    frame: float
    hop: float
    quantiles: Sequence[float]
    conformal: bool
    stride: int
    context: int
    horizon: int
    period: int
    scale: Literal["standard", "window"]
    fill: Literal["last", "linear", "cut"]
    bptt: int
    tokenizer: str
    lowercase: bool
    vocab_size: int
    max_len: int
    vectors: PathOrName
    vectors_frozen: bool
    init_from: PathOrName
    reverse_complement: bool
    characters: bool


class ModelOptions(TypedDict, total=False):
    """The shape of the models, where a model does not say its own: 'gru:hidden=64'."""

    hidden: int
    layers: int
    embedding: int
    bidirectional: bool
    dropout: float
    init: str
    pooling: str
    crf: bool
    frame_encoder: Literal["convolution", "flat"]


class SettingOptions(TypedDict, total=False):
    """Settings by name: those of a task ('task.examples'), and a YAML file of any."""

    set: Mapping[str, object]
    config: PathOrName


class LegCallOptions(DataOptions, ModelOptions, SettingOptions, total=False):
    """All that both training and comparing take."""

    keep_epochs: bool
    train_size: float
    epochs: int
    max_steps: int
    batch_size: int
    optimizer: str
    lr: float
    schedule: str
    clip: float | None
    patience: int
    choose_by: str
    class_weights: Literal["none", "balanced"]
    threshold: Literal["half", "valid"]
    device: Literal["auto", "cpu", "cuda", "mps"]
    threads: int
    max_time: TimeLimit
    checkpoint_every: TimeLimit
    overwrite: bool
    progress: bool


class TrainOptions(LegCallOptions, total=False):
    """The keyword arguments of `seqcli.train`."""

    seed: int
    out: PathOrName
    texts: bool
    processes: int
    precision: Literal["float32", "bf16"]


class CompareOptions(LegCallOptions, total=False):
    """The keyword arguments of `seqcli.compare`."""

    seeds: int | str | Sequence[int]
    match: str | Sequence[str]
    batch_seeds: bool
    tune_lr: bool
    vary: str
    margin: float
    target: float
    reference: str
    control: str | Sequence[str]
    jobs: int
    store: PathOrName
    lost_after: TimeLimit
    on: str
    strict: bool
    cost_on: str
    max_leg_time: TimeLimit
    expect: str | Sequence[str]
    baseline: PathOrName
    cost: Literal["full", "quick", "no"]
    measure_again: bool
    out: PathOrName


class GradprobeOptions(DataOptions, ModelOptions, SettingOptions, total=False):
    """The keyword arguments of `seqcli.gradprobe`."""

    len: int
    seeds: int | str | Sequence[int]
    batch_size: int
    clip: float
    what_if: bool
    demo: Literal["explode"]
    task_lag: int
    expect: str | Sequence[str]
    run: PathOrName
    over_training: bool
    threads: int
    progress: bool


class EvaluateOptions(TypedDict, total=False):
    """The keyword arguments of `seqcli.evaluate`."""

    text_column: str
    label_column: str
    encoding: str
    sep: str
    header: bool
    missing_labels: Literal["error", "drop"]
    worst: int
    texts: bool
    threads: int
    batch_size: int
