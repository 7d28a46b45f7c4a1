"""The commands as a person uses them, in one process each or in this one."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from making.forked import output, own_server, run_in_text

from seqcli.cli.main import COMMANDS
from seqcli.cli.run import print_lines
from seqcli.data.task import TASKS
from seqcli.results.compare import Comparison
from seqcli.results.train import TrainResult
from seqcli.runs.sealed import unsealed

TINY = ("--hidden", 8, "--embedding", 8, "--epochs", 2, "--batch-size", 16)

IMPORTS = """
import sys
from pathlib import Path
from seqcli.cli.main import execute
heavy = {"torch", "numpy", "pandas", "scipy", "sklearn", "matplotlib", "pyarrow"}
for line in sys.argv[1:]:
    code = execute(line.split())
    print(line, code, *sorted(heavy & set(sys.modules)), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def trained(reviews, tmp_path_factory):
    """A finished run on the small reviews."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    output("train", "gru", "--data", reviews, *TINY, "--out", folder)
    return folder


def test_help_and_version_import_nothing_heavy():
    """One after the other in a process of their own: the first that does is seen."""
    lines = ["--help", "--version", *(f"{name} --help" for name in COMMANDS.names())]
    done = subprocess.run([sys.executable, "-c", IMPORTS, *lines], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == [f"{line} 0" for line in lines]
    assert all(f"seqcli {name} " in done.stdout for name in COMMANDS.names())


def test_help_and_version_work_with_a_broken_torch(tmp_path):
    (tmp_path / "torch.py").write_text("raise OSError('libtorch.so is broken')")
    for line in (["--help"], ["--version"], ["compare", "--help"]):
        subprocess.run([sys.executable, "-m", "seqcli", *line], cwd=tmp_path, check=True, capture_output=True)


def test_every_option_of_the_command_line_is_a_setting_or_says_that_it_is_none():
    from seqcli.cli.commands import compare, train
    from seqcli.cli.flags import Positional
    from seqcli.experiments.config import CompareConfig, TrainConfig

    for parts, config in ((train.PARTS, TrainConfig), (compare.PARTS, CompareConfig)):
        named = {part.key for part in parts if isinstance(part, Positional) or part.setting}
        assert named <= set(config.model_fields)


def test_the_defaults_that_the_help_tells_are_the_real_ones():
    from seqcli.cli.commands import compare, train
    from seqcli.cli.flags import Flag
    from seqcli.experiments.config import CompareConfig, TrainConfig

    value = 0
    for parts, config in ((train.PARTS, TrainConfig), (compare.PARTS, CompareConfig)):
        for part in parts:
            match = re.search(r"\(default ([\w.-]+)[;)]", part.about) if isinstance(part, Flag) else None
            if match and part.key in config.model_fields:
                default = config.model_fields[part.key].default
                if default is None:  # the task decides, or the command
                    continue
                shown = len(default) if part.key == "seeds" else default
                shown = ",".join(shown) if isinstance(shown, tuple) else shown
                assert match[1] in (str(shown), f"{shown:g}" if isinstance(shown, float) else None), part.key
                value += 1
    assert value > 10


def test_every_setting_is_printed_with_where_it_came_from(seqcli, tmp_path, monkeypatch):
    (tmp_path / "exp.yaml").write_text("hidden: 32\nlr: 0.01\n")
    monkeypatch.setenv("SEQCLI_LAYERS", "2")
    ran = seqcli(
        "train",
        "gru",
        "--task",
        "sentiment",
        "-c",
        "exp.yaml",
        "--lr",
        "0.5",
        "--set",
        "epochs=3",
        "--print-config",
    )
    assert ran.code == 0, ran.err
    origins = dict(re.findall(r"^(\w+): .*? +# (.*)$", ran.out, re.MULTILINE))
    assert origins["lr"] == "--lr"
    assert origins["hidden"] == "exp.yaml:1"
    assert origins["layers"] == "SEQCLI_LAYERS"
    assert origins["epochs"] == "--set epochs"
    assert origins["patience"] == "default"
    values = yaml.safe_load(ran.out)
    assert (values["lr"], values["hidden"], values["layers"], values["epochs"]) == (0.5, 32, 2, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["exp.yaml"]


@pytest.mark.parametrize(
    ("typed", "value"),
    [(["--no-cost"], "no"), (["--cost", "full"], "full"), (["--no-cost", "--cost", "no"], "no")],
)
def test_no_cost_is_another_way_to_say_cost_no(seqcli, typed, value):
    ran = seqcli("compare", "gru", "--task", "spam", *typed, "--print-config", "--format", "json")
    assert {row["setting"]: row["value"] for row in ran.json}["cost"] == value


def test_a_switch_that_contradicts_an_option_is_refused(seqcli):
    ran = seqcli("compare", "gru", "--task", "spam", "--no-cost", "--cost", "full", "--print-config")
    assert ran.code == 2
    assert "--no-cost contradicts --cost full" in ran.err


def test_a_printed_configuration_is_a_configuration(seqcli, tmp_path):
    line = ("compare", "lstm", "gru:hidden=9", "--task", "sentiment", "--seeds", "2,5", "--print-config")
    first = seqcli(*line)
    (tmp_path / "same.yaml").write_text(first.out)
    again = seqcli("compare", "-c", "same.yaml", "--print-config")
    assert again.code == 0, again.err
    assert yaml.safe_load(again.out) == yaml.safe_load(first.out)


def test_train_tells_its_result_as_json_and_progress_on_stderr(seqcli, reviews):
    ran = seqcli("train", "lstm", "--data", reviews, *TINY, "--out", "run", "--format", "json")
    assert ran.code == 0, ran.err
    result = TrainResult.from_json(json.loads(ran.out))
    assert result.schema_ == "seqcli.train/1"
    assert result.parameters.recurrent == 4 * 8 * (8 + 8 + 2)
    assert "epoch 2/2" in ran.err
    assert "\r" not in ran.err
    assert "\x1b" not in ran.err


def test_quiet_is_quiet(seqcli, reviews):
    ran = seqcli("train", "rnn", "--data", reviews, *TINY, "--out", "run", "-q")
    assert (ran.code, ran.err) == (0, "")
    assert "accuracy" in ran.out


def test_a_run_that_is_finished_is_shown_and_not_trained_again(seqcli, trained, reviews):
    weights = (trained / "model.safetensors").stat().st_mtime_ns
    again = seqcli("train", "gru", "--data", reviews, *TINY, "--out", trained)
    assert again.code == 0
    assert "is finished" in again.err
    assert (trained / "model.safetensors").stat().st_mtime_ns == weights


def test_columns_that_were_guessed_are_echoed_with_the_first_rows(seqcli, reviews):
    ran = seqcli("train", "rnn", "--data", reviews, *TINY, "--dry-run")
    assert ran.code == 0
    assert "--text-column text --label-column label" in ran.err
    assert len(re.findall(r"label: (?:positive|negative) \| text: ", ran.err)) == 3


def test_predict_answers_one_line_for_one_line(trained, shell):
    lines = ["good film", "", "bad plot\r", "한국어 좋다 good", "🙂 " * 50, "good"]
    ran = shell("predict", trained, stdin="\n".join(lines).encode())
    assert ran.code == 0, ran.err
    result = ran.out.splitlines()
    assert len(result) == len(lines)
    for line in result:
        label, probability = line.split("\t")
        assert label in {"positive", "negative"}
        assert 0.5 <= float(probability) <= 1


def test_predict_takes_texts_a_file_or_stdin_and_says_the_same(trained, shell, tmp_path):
    (tmp_path / "in.txt").write_text("good film\nbad plot\n")
    by_text = shell("predict", trained, "good film", "bad plot")
    by_file = shell("predict", trained, "--input", "in.txt")
    by_pipe = shell("predict", trained, stdin=b"good film\nbad plot\n")
    assert by_text.out == by_file.out == by_pipe.out != ""


def test_predict_speaks_json_lines(trained, shell):
    ran = shell("predict", trained, "good film", "--format", "jsonl")
    document = json.loads(ran.out)
    assert document["label"] in {"positive", "negative"}


def test_predict_names_the_line_that_is_not_utf8(trained, shell):
    ran = shell("predict", trained, stdin=b"good\nb\xe9te\n")
    assert ran.code == 3
    assert "line 2" in ran.err


def test_a_closed_pipe_ends_a_printing_command_quietly(trained):
    seqcli = f"{sys.executable} -m making.forked {own_server()}"
    program = f"yes good | head -20000 | {seqcli} predict {trained} | head -1"
    done = subprocess.run(
        ["/bin/bash", "-c", f"{program}; exit ${{PIPESTATUS[2]}}"],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


@pytest.fixture(scope="module")
def compared(reviews, tmp_path_factory):
    """A comparison's folder, its JSON, and what the same command says again in other formats."""
    folder = tmp_path_factory.mktemp("compared")
    line = ["compare", "lstm", "gru", "--data", reviews, *TINY, "--seeds", 2, "--out", "cmp"]

    def again(form, *more):
        return run_in_text(*line, "--format", form, *more, folder=folder)

    first = again("json")
    assert first.returncode == 0, first.stderr
    return first, again


def test_compare_tells_every_part_of_the_schema(compared):
    first, _ = compared
    result = Comparison.from_json(unsealed(json.loads(first.stdout)))
    assert result.status == "complete"
    assert [model.name for model in result.models] == ["lstm", "gru"]
    assert [base.name for base in result.baselines] == ["majority", "bow"]
    (pair,) = result.pairs
    lstm, gru = result.models
    assert pair.quality.difference == pytest.approx(gru.quality.mean - lstm.quality.mean)
    assert pair.parameters.recurrent_ratio == 0.75
    assert (lstm.kernel, gru.kernel) == ("oneDNN", "seqcli scan")
    assert pair.train_speed.same_path_ratio is not None
    assert 1 <= len(lstm.train_speed.samples) <= 5  # as many as the time that training took lets in
    assert lstm.memory.parameters == 4 * lstm.parameters.total
    assert lstm.memory.optimizer == pytest.approx(8 * lstm.parameters.total, rel=0.05)
    assert all(len(model.quality.per_seed) == 2 for model in result.models)


def test_the_same_comparison_again_runs_nothing(compared):
    first, again = compared
    second = again("json")
    assert second.stdout == first.stdout
    assert "epoch" not in second.stderr


@pytest.mark.parametrize("form", ["csv", "tidy", "markdown", "table", "jsonl", "github", "latex"])
def test_the_same_comparison_in_other_formats_has_the_same_numbers(compared, form):
    first, again = compared
    result = json.loads(first.stdout)
    text = again(form).stdout
    assert f"{result['models'][0]['parameters']['total']}" in text.replace(",", "").replace("{}", "")
    if form == "csv":
        assert len(list(csv.reader(io.StringIO(text)))) == 1 + len(result["models"])


def test_per_seed_a_comparison_is_a_table_of_each_model_s_seeds(compared):
    first, again = compared
    result = json.loads(first.stdout)
    rows = list(csv.DictReader(io.StringIO(again("csv", "--per-seed").stdout)))
    expected = {
        (model["label"], str(seed)): value
        for model in result["models"]
        for seed, value in zip(result["protocol"]["seeds"], model["quality"]["per_seed"], strict=True)
    }
    assert {(row["label"], row["seed"]): float(row["quality"]) for row in rows} == expected
    refused = again("table", "--per-seed")
    assert refused.returncode == 2
    assert "--per-seed" in refused.stderr


def test_a_changed_comparison_is_refused_in_the_same_folder(compared):
    _, again = compared
    done = again("json", "--lr", "0.5")
    assert done.returncode == 4
    assert "lr" in done.stderr


def test_a_dry_run_tells_legs_parameters_and_time_and_creates_nothing(seqcli, reviews, tmp_path):
    ran = seqcli("compare", "rnn", "gru", "--data", reviews, *TINY, "--seeds", 3, "--dry-run", "--out", "cmp")
    assert ran.code == 0, ran.err
    assert re.search(r"^rnn: 3 training runs of [\d,]+ parameters, [\d.]+ ms a step", ran.out, re.MULTILINE)
    assert "6 training runs" in ran.out
    assert list(tmp_path.iterdir()) == []


def test_failed_legs_are_told_and_the_rest_is_shown(seqcli, reviews):
    ran = seqcli(
        "compare", "rnn", "gru", "--data", reviews, *TINY, "--seeds", 1, "--lr", "1e6", "--format", "json"
    )
    assert ran.code == 9, ran.err
    result = json.loads(ran.out)
    assert result["status"] == "partial"
    assert {failure["exit_code"] for failure in result["failures"]} == {8}
    assert "diverged at step" in result["failures"][0]["reason"]
    assert result["baselines"][0]["quality"]["mean"] == pytest.approx(0.5, abs=0.05)


def test_tasks_are_listed_and_shown(seqcli):
    listed = seqcli("tasks")
    assert "sentiment" in listed.out
    page = seqcli("tasks", "show", "sentiment")
    for fact in ("source", "licence", "8,530", ".758"):
        assert fact in page.out


@pytest.mark.parametrize("arguments", [(), *(("show", name) for name in TASKS.names())])
def test_pages_of_tasks_break_their_lines_where_the_terminal_ends(seqcli, arguments, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, seqcli("tasks", *arguments).out.splitlines())) <= 60


def test_the_lines_of_an_estimate_are_written_as_soon_as_they_are_there(capsys):
    def lines():
        yield "the first model"
        assert capsys.readouterr().out == "the first model\n"
        yield "all together"

    print_lines(lines())
    assert capsys.readouterr().out == "all together\n"


@pytest.mark.parametrize("width", [40, 60])
def test_an_example_of_help_is_one_line_and_loses_its_remark_before_its_end(seqcli, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    page = seqcli("--help").out.splitlines()
    examples = [line for line in page if line.startswith("  seqcli ")]
    assert "  seqcli compare lstm gru --task sentiment" in examples
    assert len(examples) == 4
