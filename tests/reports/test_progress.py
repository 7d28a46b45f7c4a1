import io
import os
import re
import subprocess
import sys
from contextlib import suppress
from string import Formatter
from typing import get_args

import pytest
from making.outcomes import epoch_record
from making.text_terminal import TextTerminal

from seqcli.data.preparation_steps import preparation, tell, watched
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.terminal import ConsoleOptions, console_for
from seqcli.reports.progress.bars import bar, leg_line
from seqcli.reports.progress.board import Board, WorkAhead
from seqcli.reports.progress.preparation_line import PreparationLine, preparation_shown
from seqcli.reports.progress.progress import progress
from seqcli.reports.words.notes import NOTED, note_text
from seqcli.results.events import (
    CostProgress,
    EpochFinished,
    Leg,
    LegFailed,
    LegFinished,
    LegStarted,
    Note,
    NoteSubject,
    QualityKnown,
    StepProgress,
)

ESCAPES = re.compile(r"\x1b\[[\d;?]*[a-zA-Z]")


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self):
        self.time = 1000.0

    def __call__(self):
        return self.time


def step(leg, epoch, number, *, loss=0.412):
    return StepProgress(leg=leg, epoch=epoch, step=number, loss=loss, sequences_per_second=2110.4)


def epoch(leg, number, *, valid=0.749):
    record = epoch_record(
        number,
        step=40 * number,
        train_loss=0.412,
        valid_loss=0.523,
        valid_metric=valid,
        gradient_norm=1.24,
        clipped_share=0.03,
    )
    return EpochFinished(
        leg=leg, record=record, best_epoch=2, best_metric=0.753, sequences_per_second=2110.4, seconds=9.0
    )


def started(leg):
    return LegStarted(leg=leg, epochs=10, steps_per_epoch=40)


def gru(seed=0):
    return Leg(model="gru", seed=seed)


def told(kind, timed, *, stream=None, legs=None, environ=None, cautions=(), **options):
    """What is written when these events happen, each that many seconds after the one before."""
    stream = io.StringIO() if stream is None else stream
    environ = {"TERM": "xterm", "COLUMNS": "110"} if environ is None else environ
    options = ConsoleOptions(**options)
    clock = Clock()
    console = console_for(stream, options, environ)
    work = WorkAhead(legs=legs, cautions=cautions)
    with progress(kind, options, work, console=console, now=clock) as show:
        for seconds, event in timed:
            clock.time += seconds
            show(event)
    return stream.getvalue()


def training(epochs=3, steps=4):
    yield 0, started(gru())
    for number in range(1, epochs + 1):
        for position in range(1, steps + 1):
            yield 1, step(gru(), number, position * 40 // steps)
        yield 1, epoch(gru(), number)
    yield 0, LegFinished(leg=gru(), test_metric=0.748, best_epoch=2, kept=False)


def test_off_a_terminal_training_tells_one_plain_line_an_epoch():
    lines = told("train", training()).splitlines()
    assert len(lines) == 3
    assert lines[2].startswith(
        "GRU seed 0  epoch  3/10  loss 0.412  valid 74.9 % (best 75.3, epoch 2)  2,110 seq/s  0:"
    )


def test_off_a_terminal_a_long_epoch_tells_where_it_is_each_half_minute():
    events = [(0, started(gru())), *((10, step(gru(), 1, number)) for number in range(1, 13))]
    lines = told("train", events).splitlines()
    assert len(lines) == 4
    assert "epoch  1/10  loss 0.412  2,110 seq/s" in lines[0]


@pytest.mark.parametrize("kind", ["train", "compare"])
def test_off_a_terminal_nothing_moves_the_cursor_and_nothing_is_coloured(kind):
    hostile = "\x1b[2J\r\x07 한국어"
    events = [*training(), (1, Note(text=hostile)), (1, LegFailed(leg=gru(1), exit_code=8, reason=hostile))]
    text = told(kind, events, legs=2, verbose=True)
    assert "\r" not in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_off_a_terminal_a_comparison_tells_each_leg_rarely_and_its_end():
    events = [(0, started(gru(seed))) for seed in (0, 1)]
    for number in range(1, 121):
        events += [(1, step(gru(seed), 1 + number // 40, number % 40)) for seed in (0, 1)]
        events += [(0, epoch(gru(seed), number // 10)) for seed in (0, 1) if number % 10 == 0]
    events += [(1, LegFinished(leg=gru(0), test_metric=0.748, best_epoch=2, kept=False))]
    events += [(1, LegFailed(leg=gru(1), exit_code=8, reason="the loss is not finite"))]
    lines = told("compare", events, legs=4).splitlines()
    assert sum(line.startswith("GRU seed 0") for line in lines) in (7, 8)
    assert lines[-2].startswith("runs 1/4  GRU seed 0: test accuracy 74.8 %, best epoch 2")
    assert lines[-1].startswith("runs 2/4  GRU seed 1 failed: the loss is not finite (exit 8)")


def test_off_a_terminal_cost_is_told_each_half_minute():
    events = [(10, CostProgress(done=number, total=9, what="LSTM, training speed")) for number in range(10)]
    lines = told("compare", events).splitlines()
    assert lines[:2] == ["cost 0/9  LSTM, training speed", "cost 3/9  LSTM, training speed"]
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("runner", "obeyed"), [("GITHUB_ACTIONS", "::stop-commands::x"), ("TF_BUILD", "##vso[task.complete]")]
)
def test_a_ci_log_obeys_no_progress_line_and_a_file_has_the_name_as_it_is(tmp_path, runner, obeyed):
    leg = Leg(model=obeyed, seed=0)
    events = [(0, started(leg)), (60, step(leg, 1, 1)), (60, epoch(leg, 1))]
    plain = told("compare", events, verbose=True)
    in_ci = told("compare", events, verbose=True, environ={"COLUMNS": "110", runner: "true"})
    assert any(line.startswith(obeyed) for line in plain.splitlines())
    assert obeyed not in in_ci
    assert in_ci == plain.replace(obeyed, f"\\x{ord(obeyed[0]):02x}{obeyed[1:]}")
    options = ConsoleOptions(verbose=True)
    with (tmp_path / "log").open("w") as file:
        console = console_for(file, options, {"COLUMNS": "110", runner: "true"})
        with progress("compare", options, WorkAhead(), console=console) as show:
            show(started(leg))
    assert (tmp_path / "log").read_text().startswith(obeyed)


def test_quiet_tells_nothing_and_verbose_tells_more():
    assert told("train", training(), quiet=True) == ""
    usual, more = (told("train", training(), verbose=verbose) for verbose in (False, True))
    assert set(usual.splitlines()) < set(more.splitlines())
    assert "valid loss 0.5230, gradient norm 1.240, 3 % clipped" in more


def test_a_dumb_terminal_gets_plain_lines():
    text = told("train", training(), stream=TextTerminal(), environ={"TERM": "dumb"})
    assert "\x1b" not in text
    assert len(text.splitlines()) == 3


def test_on_a_terminal_training_is_one_line_that_is_drawn_over():
    text = told("train", training(), stream=TextTerminal(), color="never")
    frames = [line for line in ESCAPES.sub("", text).replace("\r", "\n").splitlines() if line.strip()]
    assert any(
        re.fullmatch(
            r"epoch  2/10 ━+╸? +loss 0\.412  valid 74\.9 % \(best 75\.3, epoch 2\)  2,110 seq/s  .* left",
            frame.strip(),
        )
        for frame in frames
    )
    assert "\x1b[2K" in text
    assert text.count("\n") <= 2


@pytest.mark.parametrize("width", [20, 40, 60, 80, 110, 200])
def test_no_progress_line_is_wider_than_the_terminal(width):
    board = Board(legs=4)
    board.take(started(gru()), 0.0)
    board.take(epoch(gru(), 3), 5.0)
    line = leg_line(board.running["gru", 0], "accuracy", 9.0, Page(width), name="GRU seed 0  ")
    assert len(line.plain) < width
    if width >= 40:
        assert "left" in line.plain


def test_a_bar_is_as_full_as_its_share():
    assert bar(0.0, 10, Page()).plain == " " * 10
    assert bar(0.25, 10, Page()).plain == "━━╸       "
    assert bar(1.0, 10, Page()).plain == "━" * 10
    assert bar(0.25, 10, Page(encoding="ascii")).plain == "==>       "


def test_on_a_terminal_a_comparison_has_a_line_a_leg_and_one_for_all():
    events = [(0, started(gru(seed))) for seed in (0, 1)]
    events += [(1, step(gru(seed), 1, 20)) for seed in (0, 1)]
    events += [(5, LegFinished(leg=gru(0), test_metric=0.748, best_epoch=2, kept=False))]
    text = ESCAPES.sub("", told("compare", events, legs=4, stream=TextTerminal(), color="never"))
    assert "GRU seed 0  epoch  1/10" in text
    assert "GRU seed 1  epoch  1/10" in text
    assert "runs 0/4" in text
    assert re.search(r"runs 1/4 +━+", text)


def test_more_legs_than_lines_are_counted():
    environ = {"TERM": "xterm", "LINES": "8"}
    events = [(1, started(gru(seed))) for seed in range(12)]
    text = ESCAPES.sub(
        "", told("compare", events, legs=12, stream=TextTerminal(), environ=environ, color="never")
    )
    assert "… and 8 more" in text


def test_failures_and_notes_stay_above_the_moving_lines_and_are_clean():
    events = [
        (0, started(gru())),
        (1, Note(text="312 of 6,824 texts cut \x1b[2J")),
        (1, LegFailed(leg=gru(), exit_code=8, reason="not finite")),
        (1, CostProgress(done=1, total=4, what="LSTM, training speed")),
    ]
    text = told("compare", events, legs=4, stream=TextTerminal(), color="never")
    assert r"note: 312 of 6,824 texts cut \x1b[2J" in text
    assert "GRU seed 0 failed: not finite (exit 8)\n" in ESCAPES.sub("", text)
    assert "cost 1/4" in text


def test_on_a_terminal_the_cursor_is_given_back_whatever_happens():
    stream = TextTerminal()
    console = console_for(stream, ConsoleOptions(), {"TERM": "xterm"})
    with (
        suppress(KeyboardInterrupt),
        progress("train", ConsoleOptions(), WorkAhead(), console=console) as show,
    ):
        show(started(gru()))
        raise KeyboardInterrupt
    assert stream.getvalue().rindex("\x1b[?25h") > stream.getvalue().rindex("\x1b[?25l")


def test_time_left_is_the_rest_at_the_pace_so_far():
    board = Board(legs=4)
    board.take(started(gru()), 0.0)
    assert board.running["gru", 0].seconds_left(1.0) is None
    for number in range(1, 41):
        board.take(step(gru(), 1, number), number / 4)
    assert board.running["gru", 0].seconds_left(10.0) == pytest.approx(90.0)
    assert board.seconds_left(10.0) == pytest.approx(10.0 * 3.9 / 0.1)


def test_a_resumed_leg_and_kept_legs_do_not_make_the_pace_look_better():
    board = Board(legs=4)
    board.take(LegFinished(leg=gru(0), test_metric=0.7, best_epoch=1, kept=True), 0.0)
    board.take(started(gru(1)), 0.0)
    board.take(step(gru(1), 6, 1), 0.25)
    for number in range(2, 41):
        board.take(step(gru(1), 6, number), number / 4)
    state = board.running["gru", 1]
    assert state.seconds_left(10.0) == pytest.approx(40.0)
    board.take(LegFinished(leg=gru(1), test_metric=0.7, best_epoch=1, kept=False), 50.0)
    assert board.seconds_left(50.0) == pytest.approx(100.0)


SHOWING = """
import sys
from seqcli.reports.progress.progress import progress
from seqcli.reports.draw.terminal import ConsoleOptions
from seqcli.reports.progress.board import WorkAhead
from seqcli.results.events import *
leg = Leg(model="gru", seed=0)
with progress("train", ConsoleOptions(), WorkAhead()) as show:
    show(LegStarted(leg=leg, epochs=2, steps_per_epoch=5))
    sys.stdin.readline()
    for number in range(3000):
        show(Note(text=f"note {number}"))
if sys.stderr:
    print("a late word", file=sys.stderr)
print("trained")
"""


@pytest.mark.parametrize("kind", ["pipe", "terminal"])
def test_training_goes_on_when_nobody_sees_its_progress_any_more(kind):
    reader, writer = os.pipe() if kind == "pipe" else os.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", SHOWING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=writer,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(writer)
    os.close(reader)
    out, _ = child.communicate(b"\n", timeout=60)
    assert (child.returncode, out) == (0, b"trained\n")


def test_training_without_a_stderr_at_all_goes_on():
    child = subprocess.run(
        [sys.executable, "-c", SHOWING],
        input=b"\n",
        stdout=subprocess.PIPE,
        preexec_fn=lambda: os.close(2),
        check=False,
        timeout=60,
    )
    assert (child.returncode, child.stdout) == (0, b"trained\n")


def test_on_a_terminal_the_scores_stand_above_the_bar_of_cost_as_soon_as_they_are_known(records):
    known = records.CASES["two"]().model_copy(update={"status": "partial"})
    events = [
        (1, QualityKnown(result=known)),
        (1, CostProgress(done=1, total=4, what="LSTM")),
    ]
    drawn = ESCAPES.sub("", told("compare", events, stream=TextTerminal()))
    assert drawn.index("75.6 %") < drawn.index("cost 1/4")
    assert "partial" not in drawn
    assert "75.6 %" not in told("compare", events)  # in a log the table comes once, at the end
    low = {"TERM": "xterm", "COLUMNS": "110", "LINES": "8"}
    lines = ESCAPES.sub("", told("compare", events, stream=TextTerminal(), environ=low)).splitlines()
    assert any("cost 1/4" in line for line in lines)


@pytest.mark.parametrize("subject", get_args(NoteSubject))
def test_every_subject_of_a_note_has_a_sentence(subject):
    """What is found below names its facts; the sentence is one of the reports'."""
    facts = {name: 2 for _, name, *_ in Formatter().parse(NOTED[subject]) if name}
    assert len(note_text(Note(subject=subject, values=facts)).split()) > 3


def test_cautions_about_the_data_stand_above_the_runs_on_a_terminal_and_go_when_the_table_comes(records):
    events = [(1, started(gru())), (1, step(gru(), 1, 20))]
    caution = "34 of 400 rows dropped: an earlier row has the same text"
    shown = told("compare", events, stream=TextTerminal(), legs=2, cautions=[caution])
    assert caution in ESCAPES.sub("", shown)
    assert caution not in told("compare", events, legs=2, cautions=[caution])
    known = QualityKnown(result=records.CASES["two"]())
    measured = CostProgress(done=1, total=6, what="gru")
    after = told("compare", [(0, known), (1, measured)], stream=TextTerminal(), legs=2, cautions=[caution])
    assert caution not in after


def preparing(console, clock):
    return PreparationLine(clock, console=console)


def test_preparing_data_is_shown_with_its_share_speed_and_time_left_and_goes_when_it_is_done():
    clock, terminal = Clock(), TextTerminal()
    line = preparing(console_for(terminal, ConsoleOptions(), {"COLUMNS": "80"}), clock)
    with watched(line), preparation():
        for megabytes in (0, 10, 20, 30):
            tell("reading", megabytes * 10**6, 50 * 10**6, name="reviews.csv", in_bytes=True)
            clock.time += 0.5
        shown = ESCAPES.sub("", terminal.getvalue())
        tell("encoding", 5, 10)
    assert "reading reviews.csv" in shown
    assert "60 %  20.0 MB/s  0:01 left" in shown  # 30 MB in 1.5 s, so 20 MB in 1 s
    assert "40 %" in shown
    assert "20 %" not in shown  # less than a second had passed
    assert terminal.getvalue().endswith("\x1b[2K")  # the line is wiped


def test_preparing_data_is_not_told_of_off_a_terminal_nor_with_quiet_nor_outside_of_it(monkeypatch):
    clock, pipe, terminal = Clock(), io.StringIO(), TextTerminal()
    for console in (console_for(pipe, ConsoleOptions(), {}), console_for(terminal, ConsoleOptions(), {})):
        with watched(preparing(console, clock)):
            for done in range(5):
                clock.time += 1
                tell("reading", done, 5)
                if console.file is pipe:
                    with preparation():
                        tell("reading", done, 5)
    monkeypatch.setattr("sys.stderr", terminal)
    with preparation_shown(None, quiet=True, now=clock), preparation():
        for done in range(5):
            clock.time += 1
            tell("reading", done, 5)
    assert pipe.getvalue() == terminal.getvalue() == ""
