"""The results of `seqcli runs`: all runs, one in full, faults, removals, differences."""

from typing import Literal

from pydantic import Field

from seqcli.results.record import Record
from seqcli.results.train import EpochRecord

RunStatus = Literal["done", "running", "stopped", "failed", "damaged", "foreign"]
"""Where a run stands.

'foreign' cannot be judged: another version made it, its folder has a name that no run is given, or the disk
does not give it now.
"""


class RunScore(Record):
    """A run's score; on 'test' where it is done, else the last one on 'valid', whose metric is not named.

    `model` is the one that reached it, of a comparison.
    """

    metric: str
    value: float
    split: Literal["test", "valid"]
    model: str | None = None


class LegCounts(Record):
    """The number of legs of a comparison in each status, and of those that its configuration asks for."""

    planned: int = 0
    done: int = 0
    running: int = 0
    stopped: int = 0
    failed: int = 0
    damaged: int = 0
    foreign: int = 0


class RunRow(Record):
    """One run: `label` is its path as shown, `bytes` what it takes on the disk, `changed` in UTC.

    `reason` says why it failed or is damaged, or who works in it.
    """

    label: str
    status: RunStatus
    reason: str | None
    exit_code: int | None
    command: str
    model: str
    task: str
    seed: int | None
    score: RunScore | None
    legs: LegCounts | None
    bytes: int
    changed: str
    age_seconds: float


class RunList(Record):
    """`seqcli runs`: newest first."""

    schema_: Literal["seqcli.runs/1"] = Field(default="seqcli.runs/1", alias="schema")
    folders: list[str]
    runs: list[RunRow]
    bytes: int


class RunFile(Record):
    """A committed file and the SHA-256 of its content."""

    name: str
    bytes: int
    sha256: str


class RunPage(Record):
    """`seqcli runs show`: all that a run knows of itself.

    `again` is the command that repeats a finished run or goes on with another; None where it cannot be told.
    """

    schema_: Literal["seqcli.run-page/1"] = Field(default="seqcli.run-page/1", alias="schema")
    run: RunRow
    config: dict[str, object]
    identity: dict[str, object]
    seqcli: str | None
    again: str | None
    metrics: list[EpochRecord]
    checkpoints: list[int]
    files: list[RunFile]
    legs: list[RunRow]


class RunCheck(Record):
    """One run that was read again; `problems` are sentences that name files.

    `unread` names what the disk did not give: it may be whole.
    """

    label: str
    files: int
    bytes: int
    problems: list[str]
    unread: list[str] = Field(default_factory=list)


class RunChecks(Record):
    """`seqcli runs verify`."""

    schema_: Literal["seqcli.run-checks/1"] = Field(default="seqcli.run-checks/1", alias="schema")
    runs: list[RunCheck]
    damaged: int


class Pruned(Record):
    """A run that goes, or went; `kept` says why it stays after all, `left` names other people's files."""

    label: str
    status: RunStatus
    bytes: int
    age_seconds: float
    kept: str | None = None
    left: list[str] = Field(default_factory=list)


class Pruning(Record):
    """`seqcli runs prune`: what would go, or, when `removed`, what went; `bytes` is what that frees."""

    schema_: Literal["seqcli.run-pruning/1"] = Field(default="seqcli.run-pruning/1", alias="schema")
    removed: bool
    runs: list[Pruned]
    bytes: int
    spared: int


class RunChange(Record):
    """One thing that differs between two runs; None where one of them does not have it."""

    part: Literal["setting", "data", "environment", "result"]
    name: str
    a: str | None
    b: str | None


class RunDifference(Record):
    """`seqcli runs diff A B`."""

    schema_: Literal["seqcli.run-difference/1"] = Field(default="seqcli.run-difference/1", alias="schema")
    a: str
    b: str
    changes: list[RunChange]
    same_metrics_until: int | None
