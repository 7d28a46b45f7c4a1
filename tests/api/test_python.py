"""`import seqcli`: commands as functions that return the records of `--format json` and print nothing."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
from conftest import TINY

import seqcli as library
from seqcli.api import call_options
from seqcli.data.cache import cache_folder
from seqcli.data.config import DataConfig
from seqcli.errors import DataError, UsageError
from seqcli.experiments.config import CompareConfig, TrainConfig
from seqcli.experiments.gradprobe.config import GradprobeConfig
from seqcli.experiments.use_config import EvaluateConfig
from seqcli.launch.local import LocalWorkers
from seqcli.results.compare import Comparison
from seqcli.results.sweep import Sweep

HEAVY = {"torch", "pandas", "pydantic", "numpy", "scipy", "matplotlib", "rich", "typer", "sklearn"}
SMALL = {"hidden": 8, "embedding": 8, "epochs": 2, "batch_size": 16}
OFFERED = ("compare", "conclude", "evaluate", "gradprobe", "load", "predict", "train")


def script(code, folder):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=280
    )


def test_importing_it_and_naming_a_function_loads_nothing_heavy(tmp_path):
    result = script(
        "import sys, seqcli\nseqcli.compare, seqcli.conclude, seqcli.SeqcliError\nprint(*sys.modules)",
        tmp_path,
    )
    assert HEAVY & set(result.stdout.split()) == set()


def test_concluding_on_scores_of_ones_own_loads_no_torch(tmp_path):
    result = script(
        "import sys, seqcli\nseqcli.conclude({'a': [.8, .7], 'b': [.6, .9]})\nprint(*sys.modules)", tmp_path
    )
    assert "torch" not in result.stdout.split()
    assert "scipy" in result.stdout.split(), result.stderr


def test_what_is_offered_is_listed_and_anything_else_is_no_attribute():
    assert set(OFFERED) | {"SeqcliError"} == set(library.__all__) <= set(dir(library))
    with pytest.raises(AttributeError, match="no attribute 'comparing'"):
        _ = library.comparing


@pytest.mark.parametrize("name", OFFERED)
def test_every_function_has_an_example_its_result_and_its_errors_in_its_documentation(name):
    value = getattr(library, name).__doc__
    assert ">>> " in value
    assert "Returns:" in value
    assert "Raises:" in value


OF_A_CALL = {"set", "config", "progress", "overwrite"}
OF_NO_OPTION = {"activation", "forget_bias", "gain", "chrono_length", "slurm"}
"""Settings that a model has for itself, 'lstm:forget_bias=1', or that `set` names."""


@pytest.mark.parametrize(
    ("options", "record", "positional"),
    [
        (call_options.CompareOptions, CompareConfig, {"models"}),
        (call_options.TrainOptions, TrainConfig, {"model"}),
        (call_options.GradprobeOptions, GradprobeConfig, {"models"}),
        (call_options.EvaluateOptions, EvaluateConfig, set()),
    ],
)
def test_the_arguments_are_the_settings_of_the_command(options, record, positional):
    given = set(options.__annotations__) - OF_A_CALL
    of_data = set(DataConfig.model_fields) if record is EvaluateConfig else set()
    assert set(record.model_fields) - positional - OF_NO_OPTION - given == set()
    assert given - set(record.model_fields) - of_data == set()


def test_a_comparison_is_the_record_that_the_command_writes_and_nothing_is_printed(seqcli, reviews, capsys):
    result = library.compare("lstm", "gru", data=reviews, seeds=[0, 1], cost="no", **SMALL)
    assert capsys.readouterr() == ("", "")
    written = seqcli("compare", "lstm", "gru", "--data", reviews, "--seeds", "2", "--cost", "no", *TINY,
                     "--format", "json", "-q")  # fmt: skip
    assert written.code == 0, written.err
    document = {key: value for key, value in written.json.items() if key != "sha256"}  # the file's seal
    assert result.to_json() == document
    assert Comparison.from_json(document) == result


def test_progress_is_shown_on_stderr_where_it_is_asked_for(tmp_path, reviews, capsys):
    library.train("gru", data=reviews, out=tmp_path / "run", progress=True, **SMALL)
    output = capsys.readouterr()
    assert output.out == ""
    assert "epoch 2" in output.err


def test_a_varied_setting_gives_a_sweep(tmp_path, reviews):
    result = library.compare("gru", data=reviews, seeds=2, vary="hidden=4,8", **{**SMALL, "hidden": 4})
    assert isinstance(result, Sweep)
    assert list(result.to_pandas()["hidden"]) == [4, 8]


def test_settings_of_a_task_are_given_by_name():
    result = library.gradprobe("rnn", task="adding", length=12, set={"task.examples": 200}, hidden=4, seeds=1)
    assert max(result.models[0].lags) <= 12


def test_a_file_of_settings_is_read_where_it_is_named_and_no_other(tmp_path, monkeypatch, reviews):
    monkeypatch.chdir(tmp_path)
    Path("seqcli.yaml").write_text("hidden: 3\n", encoding="utf-8")
    monkeypatch.setenv("SEQCLI_HIDDEN", "5")
    Path("mine.yaml").write_text(f"data: {reviews}\nhidden: 7\n", encoding="utf-8")
    given = {"embedding": 8, "max_steps": 2, "out": "run"}
    run = library.train("gru", config="mine.yaml", **given)
    assert run.parameters.recurrent == 3 * 7 * (8 + 7 + 2)


MISTAKES = {
    "an unknown model": (("lsmt", "gru"), {}, "lsmt"),
    "an unknown argument": (("lstm", "gru"), {"hiden": 8}, "hiden"),
    "a value of the wrong type": (("lstm", "gru"), {"hidden": "wide"}, "hidden"),
    "a file that is not there": (("lstm", "gru"), {"data": "missing.csv"}, "missing.csv"),
    "twice the same": (("lstm", "gru"), {"hidden": 8, "set": {"hidden": 4}}, "hidden"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_the_error_of_the_command_and_a_traceback_ends_with_the_way_out(mistake, reviews):
    models, options, named = MISTAKES[mistake]
    with pytest.raises(library.SeqcliError, match=named) as raised:
        library.compare(*models, **{"data": reviews, **options})
    hint = raised.value.hint
    assert hint is None or hint in raised.value.__notes__


def test_a_script_without_a_main_guard_runs_a_worker_process_and_prints_nothing_of_its_own(tmp_path, reviews):
    code = (
        "import seqcli\n"
        f"result = seqcli.compare('rnn', 'gru', data={str(reviews)!r}, seeds=1, cost='no', jobs=1, hidden=4,"
        " embedding=4, max_steps=3)\n"
        "print(len(result.models))\n"
    )
    path = tmp_path / "own_script.py"
    path.write_text(code, encoding="utf-8")
    # A file of the person's own must not stand in for a library in the workers.
    (tmp_path / "random.py").write_text("raise SystemExit('the wrong file')\n", encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-P", path], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=280
    )
    assert (result.stdout, result.stderr) == ("2\n", "")


def test_ctrl_c_leaves_a_folder_from_which_the_same_call_goes_on(tmp_path, reviews, monkeypatch):
    options = {"data": reviews, "seeds": 2, "cost": "no", "jobs": 1, "out": tmp_path / "cmp", **SMALL}
    listen, handler = LocalWorkers.listen, signal.getsignal(signal.SIGINT)
    heard = []

    def pressed(workers):
        outcome = listen(workers)
        heard.append(outcome)
        if len(heard) == 5:
            os.kill(os.getpid(), signal.SIGINT)
        return outcome

    monkeypatch.setattr(LocalWorkers, "listen", pressed)
    with pytest.raises(KeyboardInterrupt, match="the same call continues"):
        library.compare("rnn", "gru", **options)
    assert signal.getsignal(signal.SIGINT) is handler
    with pytest.raises(library.SeqcliError):
        library.load(tmp_path / "cmp")
    result = library.compare("rnn", "gru", **options)
    assert result.status == "complete"
    assert library.load(tmp_path / "cmp") == result


def test_a_thread_other_than_the_main_one_may_call_too(tmp_path, reviews):
    values = []
    options = {"data": reviews, "out": tmp_path / "run", **SMALL}
    thread = threading.Thread(target=lambda: values.append(library.train("rnn", **options)))
    thread.start()
    thread.join()
    assert values[0].run == str(tmp_path / "run")


@pytest.fixture(scope="module")
def run(reviews, tmp_path_factory):
    return library.train("gru", data=reviews, out=tmp_path_factory.mktemp("runs") / "gru", **SMALL)


def test_a_run_is_loaded_as_it_was_evaluated_and_used(run):
    assert library.load(run.run) == run
    assert library.evaluate(run.run).score.value == run.test.value
    (predictions,) = library.predict(run.run, "a good film", all_classes=True)
    assert predictions.label in ("positive", "negative")
    assert sum(predictions.probabilities.values()) == pytest.approx(1, abs=1e-4)


def test_new_labelled_data_is_evaluated_and_options_without_any_are_refused(run, reviews):
    result = library.evaluate(run.run, reviews, text_column="text", label_column="label", worst=1)
    assert result.score.examples == 240
    assert len(result.worst) <= 1
    with pytest.raises(library.SeqcliError, match="text_column= needs data="):
        library.evaluate(run.run, text_column="text")


def test_torch_is_left_as_it_was(run):
    import torch

    torch.set_num_threads(2)
    torch.manual_seed(7)
    before = torch.get_rng_state()
    library.predict(run.run, ["a film"])
    library.gradprobe("rnn", len=5, seeds=1, hidden=4)
    assert torch.get_num_threads() == 2
    assert torch.equal(torch.get_rng_state(), before)


def test_a_json_file_of_any_kind_is_loaded_and_another_file_is_refused(tmp_path):
    probe = library.gradprobe("rnn", len=5, seeds=1, hidden=4)
    path = tmp_path / "probe.json"
    path.write_text(json.dumps(probe.to_json()), encoding="utf-8")
    assert library.load(path) == probe
    path.write_text('{"schema": "other/1"}', encoding="utf-8")
    with pytest.raises(library.SeqcliError, match="other/1"):
        library.load(path)
    with pytest.raises(library.SeqcliError, match="nothing-here"):
        library.load(tmp_path / "nothing-here")


def test_a_probe_is_a_table_and_a_picture():
    probe = library.gradprobe("rnn", "lstm", len=20, seeds=2, hidden=4, init="torch")
    frame = probe.to_pandas()
    assert list(frame["label"]) == ["rnn", "lstm"]
    assert isinstance(frame, pd.DataFrame)
    assert probe.plot().axes


def test_a_table_of_pandas_is_data_as_its_file_is_and_is_kept_once(tmp_path, reviews):
    frame = pd.read_csv(reviews)
    text, label = frame.columns[:2]
    columns = {"text_column": text, "label_column": label}
    of_frame, of_file = (
        library.train("gru", data=data, out=tmp_path / name, **columns, **SMALL)
        for name, data in (("frame", frame), ("file", reviews))
    )
    assert of_frame.test == of_file.test
    assert of_frame.parameters == of_file.parameters
    result = list((cache_folder() / "frames").iterdir())
    assert [path.suffix for path in result] == [".parquet"]
    library.train("gru", data=frame.copy(), out=tmp_path / "again", **columns, **SMALL)
    assert list((cache_folder() / "frames").iterdir()) == result


def test_a_table_of_pandas_elsewhere_or_without_rows_is_refused(reviews):
    frame = pd.read_csv(reviews)
    with pytest.raises(UsageError, match="lr= is a DataFrame"):
        library.train("gru", data=reviews, lr=frame)
    with pytest.raises(DataError, match="has no rows"):
        library.train("gru", data=frame.iloc[:0])
