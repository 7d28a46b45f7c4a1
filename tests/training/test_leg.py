"""One leg and its run directory: what is written, the same bytes again, and going on after a stop."""

import json
import time
from types import SimpleNamespace

import pytest
import safetensors.torch
import torch
from making.stopping import KEPT_FILES, after, check_stops_leave_no_trace, trained

from seqcli.errors import DivergedError, RunError, StoppedError
from seqcli.experiments.runs.listing import list_runs
from seqcli.experiments.train import train
from seqcli.experiments.trained_result import read_result
from seqcli.reports.results.runs import score_text
from seqcli.reports.words.notes import note_text
from seqcli.results.events import EpochFinished, Note
from seqcli.runs.directory import RunDirectory
from seqcli.training import leg as leg_module
from seqcli.training.construction import build_network, make_training
from seqcli.training.predictor import Predictor
from seqcli.training.state import CheckpointWriter, from_bytes, load_weights, to_bytes

RESULT = (*KEPT_FILES, "tokenizer.json", "task.json")


def test_a_run_directory_holds_all_that_is_needed_and_every_file_verifies(planned, tmp_path):
    trained(planned(), tmp_path / "run")
    directory = RunDirectory.open(tmp_path / "run")
    assert directory.status().state == "done"
    assert directory.verify() == []
    assert set(RESULT) <= {path.name for path in (tmp_path / "run").iterdir()}


def test_going_on_after_the_last_epoch_tells_the_speed_and_time_of_the_steps_before(
    planned, tmp_path, monkeypatch
):
    def killed(*_, **__):
        raise KeyboardInterrupt

    plan = planned(epochs=2)
    with monkeypatch.context() as patch:
        patch.setattr(leg_module, "outcome", killed)
        patch.setattr(CheckpointWriter, "save_when_due", CheckpointWriter.save)
        with pytest.raises(KeyboardInterrupt):
            trained(plan, tmp_path / "run")
    result = trained(plan, tmp_path / "run")
    assert result.train_speed.mean > 0
    assert result.train_speed.tokens_per_second > result.train_speed.mean
    assert 0 < result.seconds_to_best <= result.seconds


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(planned, tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        trained(planned(seed=seed), tmp_path / name)
    for name in RESULT:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert (tmp_path / "a/model.safetensors").read_bytes() != (tmp_path / "c/model.safetensors").read_bytes()


@pytest.mark.parametrize("model", ["rnn", "lstm", "gru:layers=2,bidirectional=true"])
@pytest.mark.parametrize("stops", [(0,), (11,), (12,), (3, 5, 9)])
def test_a_stopped_run_goes_on_to_the_same_bytes(planned, tmp_path, model, stops):
    plan = planned(model, dropout=0.4, epochs=2)
    check_stops_leave_no_trace(plan, tmp_path, stops=stops, files=RESULT)


def test_a_finished_run_is_not_run_again(planned, tmp_path):
    first = trained(planned(), tmp_path / "run")
    again = trained(planned(), tmp_path / "run", should_stop=lambda: pytest.fail("it ran again"))
    assert again == first


def test_a_run_with_another_setting_is_refused_and_the_difference_is_told(planned, tmp_path):
    trained(planned(), tmp_path / "run")
    with pytest.raises(RunError, match="hidden") as caught:
        trained(planned(hidden=9), tmp_path / "run")
    assert "8" in str(caught.value.message)
    assert "9" in str(caught.value.message)


def test_a_diverged_leg_commits_nothing_and_its_reason_is_kept(planned, tmp_path):
    with pytest.raises(DivergedError, match="step"):
        trained(planned(lr=1e6), tmp_path / "run")
    status = RunDirectory.open(tmp_path / "run").status()
    assert (status.state, status.exit_code) == ("failed", 8)
    assert not (tmp_path / "run/model.safetensors").exists()


def test_the_summary_is_what_the_weights_score(planned, tmp_path):
    plan = planned()
    result = trained(plan, tmp_path / "run")
    rows = [json.loads(line) for line in (tmp_path / "run/predictions.jsonl").read_text().splitlines()]
    assert result.test.value == pytest.approx(
        sum(row["label"] == row["predicted"] for row in rows) / len(rows)
    )
    assert result == read_result(tmp_path / "run")
    metrics = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert max(line["valid_metric"] for line in metrics) == result.valid.value
    assert metrics[result.best_epoch - 1]["valid_metric"] == result.valid.value


def test_it_learns_what_can_be_learnt(planned, tmp_path):
    result = trained(planned(epochs=12, lr=0.02, patience=12), tmp_path / "run")
    assert result.test.value > 0.9
    assert result.majority == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("max_len", [None, 3])
def test_raw_text_is_predicted_as_the_test_split_was(planned, tmp_path, max_len):
    plan = planned(max_len=max_len)
    trained(plan, tmp_path / "run")
    rows = [json.loads(line) for line in (tmp_path / "run/predictions.jsonl").read_text().splitlines()]
    answers = Predictor.open(tmp_path / "run").predict(list(plan.prepared.texts("test")))
    values = [answer.answer for answer in answers]
    assert [element.label for element in values] == [row["predicted"] for row in rows]
    assert [item.probability for item in values] == pytest.approx(
        [row["probability"] for row in rows], abs=2e-6
    )


def test_the_time_of_a_leg_goes_on_where_its_last_process_ended(planned, tmp_path):
    plan, asked = planned(), after(20)

    def slowly():
        time.sleep(0.01)
        return asked()

    with pytest.raises(StoppedError):
        trained(plan, tmp_path / "run", slowly)
    before = RunDirectory.open(tmp_path / "run").checkpoints.latest_verified().state["seconds"]
    trained(plan, tmp_path / "run")
    timing = json.loads((tmp_path / "run/timing.json").read_text())
    assert before >= 0.2
    assert timing["seconds"] > before
    assert len(timing["epoch_seconds"]) == 3
    assert timing["epoch_seconds"][0] < before < timing["epoch_seconds"][1]
    assert timing["epoch_seconds"] == sorted(timing["epoch_seconds"])


def test_a_checkpoint_is_written_each_time_the_last_one_is_old_and_not_before(planned, monkeypatch):
    clock, saved = SimpleNamespace(now=0.0), []
    monkeypatch.setattr("seqcli.training.state.time", SimpleNamespace(monotonic=lambda: clock.now))
    checkpoints = SimpleNamespace(commit=lambda *_, **__: saved.append(clock.now))
    run = SimpleNamespace(checkpoints=checkpoints, tell_memory=lambda: None)
    plan = planned()
    training = make_training(plan.leg.leg, plan.prepared)
    keeper = CheckpointWriter(training, run, metrics=SimpleNamespace(mark=dict), every=30.0, saved_at=0.0)
    for clock.now in (10.0, 30.0, 31.0, 40.0, 61.0, 62.0, 200.0, 201.0):
        keeper.save_when_due()
    assert saved == [31.0, 62.0, 200.0]


def test_kept_epochs_are_the_same_bytes_after_a_stop_and_the_best_is_among_them(planned, tmp_path):
    result = planned(keep_epochs=True)
    trained(result, tmp_path / "whole")
    with pytest.raises(StoppedError):
        trained(result, tmp_path / "stopped", after(17))
    trained(result, tmp_path / "stopped")
    names = {path.name for path in (tmp_path / "whole").glob("epoch-*.safetensors")}
    summary = json.loads((tmp_path / "whole/summary.json").read_text())
    assert names == {f"epoch-{number}.safetensors" for number in range(1, summary["epochs"] + 1)}
    for name in names:
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "stopped" / name).read_bytes()
    best = tmp_path / f"whole/epoch-{summary['best_epoch']}.safetensors"
    assert best.read_bytes() == (tmp_path / "whole/model.safetensors").read_bytes()


def test_a_damaged_weight_file_is_found_before_it_is_used(planned, tmp_path):
    trained(planned(), tmp_path / "run")
    weights = tmp_path / "run/model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-5] ^= 4
    weights.write_bytes(content)
    with pytest.raises(RunError, match=r"model\.safetensors"):
        Predictor.open(tmp_path / "run")


def test_equal_tensors_give_equal_bytes_in_any_order(planned):
    network = build_network(planned().leg.leg, planned().prepared)
    state = network.state_dict()
    content = to_bytes(state)
    assert content == to_bytes(dict(reversed(state.items())))
    assert safetensors.torch.load(content).keys() == state.keys()


@pytest.mark.parametrize("fault", ["missing", "unknown", "shape", "dtype", "nan"])
def test_weights_that_do_not_fit_are_refused_by_name(planned, fault):
    network = build_network(planned().leg.leg, planned().prepared)
    tensors = from_bytes(to_bytes(network.state_dict()), "x")
    name = "recurrent.weight_hh_l0"
    if fault == "missing":
        del tensors[name]
    elif fault == "unknown":
        tensors[name + "x"] = tensors[name]
        name += "x"
    else:
        tensors[name] = {
            "shape": tensors[name][:-1],
            "dtype": tensors[name].double(),
            "nan": torch.full_like(tensors[name], torch.nan),
        }[fault]
    with pytest.raises(RunError, match=name):
        load_weights(network, tensors, "run/model.safetensors")


def notes_of(plan, folder):
    result = train(plan, folder, overwrite=False, should_stop=lambda: False)
    return [event.text for event in result if isinstance(event, Note)]


def test_gradients_that_adam_hides_are_told_and_those_that_sgd_shows_are_not(planned, tmp_path, monkeypatch):
    assert notes_of(planned(epochs=1), tmp_path / "sound") == []
    monkeypatch.setattr("seqcli.training.leg_notes.HIDDEN_NORM", 1e-3)
    (note,) = notes_of(planned(epochs=1), tmp_path / "adam")
    assert "which Adam hides" in note
    assert notes_of(planned(epochs=1, optimizer="sgd"), tmp_path / "sgd") == []
    document = json.loads((tmp_path / "adam/summary.json").read_text())
    assert document["largest_gradient_norm"] > 1e-3


def test_the_optimiser_is_part_of_what_decides_a_run(planned, tmp_path):
    trained(planned(epochs=1), tmp_path / "run")
    with pytest.raises(RunError, match="optimizer"):
        trained(planned(epochs=1, optimizer="sgd"), tmp_path / "run")
    assert "| optimiser | Adam, " in (tmp_path / "run/README.md").read_text()


def files_of(folder):
    return {name: (folder / name).read_bytes() for name in RESULT}


@pytest.mark.parametrize("stop", [None, 4])
def test_a_finished_run_goes_on_with_more_epochs_to_the_bytes_of_an_unbroken_one(planned, tmp_path, stop):
    trained(planned(epochs=5), tmp_path / "unbroken")
    trained(planned(epochs=2), tmp_path / "run")
    if stop is not None:
        with pytest.raises(StoppedError):
            trained(planned(epochs=5), tmp_path / "run", after(stop))
    result = trained(planned(epochs=5), tmp_path / "run")
    assert result.epochs == 5
    assert files_of(tmp_path / "run") == files_of(tmp_path / "unbroken")
    assert RunDirectory.open(tmp_path / "run").verify() == []


@pytest.mark.parametrize("stop", [1, 9])
def test_a_stopped_run_goes_on_with_more_epochs_to_the_bytes_of_an_unbroken_one(planned, tmp_path, stop):
    trained(planned(epochs=5), tmp_path / "unbroken")
    with pytest.raises(StoppedError):
        trained(planned(epochs=3), tmp_path / "run", after(stop))
    result = trained(planned(epochs=5), tmp_path / "run")
    assert result.epochs == 5
    assert files_of(tmp_path / "run") == files_of(tmp_path / "unbroken")
    assert RunDirectory.open(tmp_path / "run").verify() == []


def test_a_stopped_run_whose_rate_falls_is_refused_more_epochs_with_the_reason(planned, tmp_path):
    with pytest.raises(StoppedError):
        trained(planned(epochs=3, schedule="linear"), tmp_path / "run", after(5))
    with pytest.raises(RunError, match=r"cannot go on to epoch 9"):
        trained(planned(epochs=9, schedule="linear"), tmp_path / "run")


def test_more_epochs_are_told_and_train_those_alone(planned, tmp_path):
    trained(planned(epochs=2), tmp_path / "run")
    events = [*train(planned(epochs=3), tmp_path / "run", overwrite=False, should_stop=lambda: False)]
    values = [note_text(event) for event in events if isinstance(event, Note)]
    assert values == [f"{tmp_path / 'run'} goes on to epoch 3 from where it ended"]
    assert [event.record.epoch for event in events if isinstance(event, EpochFinished)] == [3]


def test_a_stop_while_the_result_is_scored_leaves_the_last_weights_to_go_on_from(planned, tmp_path):
    trained(planned(epochs=5), tmp_path / "unbroken")
    plan = planned(epochs=2)
    steps = 2 * make_training(plan.leg.leg, plan.prepared).steps_per_epoch
    for asked in range(steps, steps + 20, 5):
        folder = tmp_path / f"run{asked}"
        try:
            trained(plan, folder, after(asked))
        except StoppedError:
            trained(plan, folder)
        trained(planned(epochs=5), folder)
        assert files_of(folder) == files_of(tmp_path / "unbroken")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"schedule": "linear"}, "its learning rate fell to 0 over its own epochs (--schedule linear)"),
        ({"patience": 1, "lr": 1.0}, "it stopped early, after epoch"),
        ({"max_steps": 3}, "--max-steps 3 ended it"),
    ],
)
def test_more_epochs_that_would_not_continue_a_run_are_refused_with_the_reason(
    planned, tmp_path, settings, why
):
    trained(planned(epochs=4, **settings), tmp_path / "run")
    before = files_of(tmp_path / "run")
    with pytest.raises(RunError) as error:
        trained(planned(epochs=9, **settings), tmp_path / "run")
    assert f"cannot go on to epoch 9: {why}" in error.value.message
    assert "--overwrite trains all 9 epochs" in error.value.hint
    assert files_of(tmp_path / "run") == before


def test_fewer_epochs_and_another_setting_beside_them_are_refused_as_before(planned, tmp_path):
    trained(planned(epochs=3), tmp_path / "run")
    for settings in ({"epochs": 2}, {"epochs": 5, "lr": 0.5}):
        with pytest.raises(RunError, match="was started with other settings"):
            trained(planned(**settings), tmp_path / "run")


def test_a_stopped_run_is_listed_with_the_metric_of_its_score(planned, tmp_path):
    plan = planned(epochs=5)
    steps = make_training(plan.leg.leg, plan.prepared).steps_per_epoch
    with pytest.raises(StoppedError):
        trained(plan, tmp_path / "run", after(2 * steps + 6))
    (row,) = list_runs([tmp_path]).runs
    assert row.status == "stopped"
    assert (row.score.metric, row.score.split) == ("accuracy", "valid")
    assert score_text(row.score).endswith(" %")
