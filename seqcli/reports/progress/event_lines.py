"""The lines that an event leaves: in a log, or above the moving lines."""

from seqcli.reports.draw.printable import printable
from seqcli.reports.numbers import clock, fixed, metric_words
from seqcli.reports.progress.bars import epoch_of, leg_name, leg_parts, score
from seqcli.reports.progress.board import LegProgress
from seqcli.reports.words.notes import note_text
from seqcli.results.events import CostProgress, EpochFinished, LegFailed, LegFinished, LegStarted, Note
from seqcli.results.wording import counted


def note(event: Note) -> str:
    """A sentence that a person should see."""
    return f"note: {printable(note_text(event))}"


def started(event: LegStarted) -> str:
    """A leg and how long it may be: 'GRU seed 3 started, at most 10 epochs of 214 steps'."""
    most = f"{counted(event.epochs, 'epoch')} of {counted(event.steps_per_epoch, 'step')}"
    return f"{leg_name(event.leg)} started, at most {most}"


def finished(event: LegFinished, metric: str) -> str:
    """A leg and what it reached: 'GRU seed 3: test accuracy 74.8 %, best epoch 4'."""
    metric = event.metric or metric
    before = ", from an earlier run" if event.kept else ""
    best = f"best epoch {event.best_epoch}{before}"
    if event.test_metric is None:
        return f"{leg_name(event.leg)}: tuned, {best}"
    reached = f"test {metric_words(metric)} {score(event.test_metric, metric)}"
    return f"{leg_name(event.leg)}: {reached}, {best}"


def failed(event: LegFailed) -> str:
    """A leg and why it ended badly."""
    log = f"; its log: {printable(event.log)}" if event.log else ""
    return f"{leg_name(event.leg)} failed: {printable(event.reason)} (exit {event.exit_code}){log}"


def where(state: LegProgress, metric: str, now: float) -> str:
    """Return the progress of a leg: 'GRU seed 3  epoch 3/10  loss 0.412  valid 74.9 %  2,110 seq/s'."""
    parts = [part.text for part in leg_parts(state, metric, now)]
    return "  ".join((leg_name(state.leg), epoch_of(state), *parts)).replace("  (", " (")


def gradients(event: EpochFinished) -> str:
    """Return the other figures of an epoch: 'train loss 0.412, valid loss 0.523, gradient norm 1.24'."""
    record = event.record
    losses = f"train loss {fixed(record.train_loss, 4)}, valid loss {fixed(record.valid_loss, 4)}"
    norm = f"gradient norm {fixed(record.gradient_norm, 3)}, {fixed(record.clipped_share * 100, 0)} % clipped"
    return f"{losses}, {norm}, {clock(event.seconds)} so far"


def measured(event: CostProgress) -> str:
    """Return the progress of measuring cost: 'cost 3/10  LSTM, training speed'."""
    return f"cost {event.done}/{event.total}  {printable(event.what)}"
