"""`seqcli.work/1`: the state of a store that several machines share, and its workers."""

from typing import Literal

from pydantic import Field

from seqcli.results.record import Record

SCHEMA = "seqcli.work/1"

WorkerState = Literal["working", "ended", "lost", "unknown"]


class RunningLeg(Record):
    """A training run in a worker's hands.

    Attributes:
        name: The run's name.
        doing: Where it is.
    """

    name: str
    doing: str = ""


class WorkerFacts(Record):
    """A worker as it tells of itself in the store.

    Attributes:
        id: Its name there, used once.
        host: Its machine.
        pid: Its process.
        started: When it began, UTC, ISO 8601.
        beat: A number that grows while it lives.
        state: 'lost' and 'unknown' are what others make of it.
        done: Runs that it has finished.
        failed: Runs that it has failed.
        running: What it trains now.
        node: What a cluster calls its machine; the host where there is no cluster.
        unfit: Runs that it left to others, for its numbers would be others.
        needs: What the first of them was planned for.
        sick: Whether it takes no more since run after run failed.
    """

    id: str
    host: str
    pid: int
    started: str = ""
    beat: int = 0
    state: WorkerState = "working"
    done: int = 0
    failed: int = 0
    running: list[RunningLeg] = Field(default_factory=list)
    node: str = ""
    unfit: int = 0
    needs: str = ""
    sick: bool = False

    @classmethod
    def unknown(cls, worker: str) -> "WorkerFacts":
        """A worker that has left no record, or one that cannot be read."""
        return cls(id=worker, host="", pid=0, state="unknown")


class WorkResult(Record):
    """The state of a store.

    Attributes:
        store: Its folder here.
        done: Finished training runs in it.
        waiting: Those that nobody trains.
        running: Those in hand.
        failed: Those that failed for good.
        here: Of the finished, those that this command trained.
        elsewhere: Those that wait for a machine of other numerics than this one's.
        workers: All that were seen, this one included.
    """

    schema_: str = Field(default=SCHEMA, alias="schema")
    store: str
    done: int
    waiting: int
    running: int
    failed: int
    here: int = 0
    elsewhere: int = 0
    workers: list[WorkerFacts] = Field(default_factory=list)
