"""Legs on generated tasks: the same bytes again, going on after a stop, and what the run keeps."""

import json

import numpy as np
import pytest
import torch
from making.stopping import KEPT_FILES, check_stops_leave_no_trace, trained

from seqcli.data.task import TASKS
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import plan_training
from seqcli.training.construction import make_training
from seqcli.training.evaluate import evaluate

TASK = pytest.mark.parametrize("name", ["adding", "copy", "anbn", "temporal-order"])


def planned(name, model="gru"):
    settings = {"name": name, "length": 10, "examples": 60}
    if name != "anbn":
        settings["held_out"] = 30
    task = type(TASKS.get(name)).model_validate(settings)
    return plan_training(
        TrainConfig(model=model, task=task, hidden=6, embedding=5, epochs=2, batch_size=10, dropout=0.2)
    )


@TASK
def test_a_stopped_run_goes_on_to_the_same_bytes(tmp_path, name):
    plan = planned(name, "lstm:layers=2")
    check_stops_leave_no_trace(plan, tmp_path, stops=(3, 4), files=KEPT_FILES)


@TASK
def test_the_summary_says_whether_it_is_solved_and_the_predictions_agree_with_the_score(tmp_path, name):
    plan = planned(name)
    result = trained(plan, tmp_path / "run")
    assert result.solved is not None
    criterion = plan.prepared.facts.definition.criterion
    assert result.solved.solved == criterion.met(result.test.value)
    lines = [json.loads(line) for line in (tmp_path / "run/predictions.jsonl").read_text().splitlines()]
    assert len(lines) == result.test.examples
    scores = {
        "adding": lambda: sum((row["target"] - row["predicted"]) ** 2 for row in lines) / len(lines),
        "temporal-order": lambda: sum(row["label"] == row["predicted"] for row in lines) / len(lines),
        "anbn": lambda: next((row["n"] - 1 for row in lines if not row["accepted"]), lines[-1]["n"]),
        "copy": lambda: result.test.value,
    }
    assert result.test.value == pytest.approx(scores[name](), abs=1e-4)
    if name == "copy":
        assert all((row["first_wrong"] is None) == (row["right"] == row["steps"] == 30) for row in lines)
    card = (tmp_path / "run/README.md").read_text(encoding="utf-8")
    assert f"| solved ({criterion.words}) | {'yes' if result.solved.solved else 'no'} |" in card


@pytest.mark.parametrize("name", ["copy", "anbn"])
def test_the_loss_of_a_split_is_torchs_mean_over_all_its_answered_steps(name):
    """Strings of a^n b^n differ in length: a mean of their means would be another number."""
    plan = planned(name)
    training, split = make_training(plan.leg.leg, plan.prepared), plan.prepared.splits["valid"]
    actual = evaluate(training.network, split, training.metric, device=torch.device("cpu"))
    ids, lengths, answers = map(torch.from_numpy, split.rows(np.arange(len(split))))
    with torch.no_grad():
        logits = training.network.eval()(ids, lengths)
    inside = torch.arange(ids.shape[1]) < lengths[:, None]
    expected = torch.nn.functional.cross_entropy(logits[inside], answers[inside])
    assert actual.score.loss == pytest.approx(expected.item(), abs=1e-6)
