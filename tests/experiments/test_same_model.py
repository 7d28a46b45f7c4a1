"""A/A on real legs: one model under two names, the second from other seeds, is not found better."""

import numpy as np
import pytest
import torch
from making.outcomes import concluded_from, finished_leg

from seqcli.data.kind import KINDS
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.experiments.legs import model_config
from seqcli.models.spec import parse_spec
from seqcli.training.config import TrainingConfig
from seqcli.training.construction import build_network, make_training
from seqcli.training.cost import cost_batches, memory_use
from seqcli.training.evaluate import evaluate
from seqcli.training.identity import LegConfig

LEGS, SEEDS, TRIALS = 24, 5, 60


@pytest.fixture(scope="module")
def config(reviews):
    return CompareConfig(
        models=("lstm",),
        data=str(reviews),
        seeds=tuple(range(SEEDS)),
        hidden=4,
        embedding=4,
        epochs=1,
        batch_size=16,
        lr=0.02,
    )


@pytest.fixture(scope="module")
def legs(config):
    """The same LSTM trained from many seeds: initialisation, order and dropout differ, nothing else."""
    prepared = prepare_data(config)
    model = model_config(config, parse_spec("lstm"))
    training = config.section(TrainingConfig)
    torch.set_num_threads(1)

    def trained(seed):
        leg = LegConfig(
            task=prepared.name,
            prepared_sha256=prepared.sha256,
            model=model,
            training=training,
            seed=seed,
            device="cpu",
            threads=1,
            torch=torch.__version__,
        )
        run = make_training(leg, prepared)
        for _ in run.run():
            pass
        result = evaluate(
            run.network, prepared.splits["test"], prepared.scored_by, device=torch.device("cpu")
        )
        lines = b"".join(KINDS.get(prepared.kind).prediction_lines(prepared, result.outputs))
        return finished_leg(result.score.value, predictions=lines, seed=seed)

    return [trained(seed) for seed in range(LEGS)]


def test_its_accuracy_is_better_no_more_often_than_the_error_rate(config, legs):
    prepared = prepare_data(config)
    generator = np.random.default_rng(0)
    wrong = 0
    for _ in range(TRIALS):
        drawn = [legs[place] for place in generator.permutation(LEGS)[: 2 * SEEDS]]
        outcomes = {
            label: drawn[start : start + SEEDS] for label, start in (("lstm", 0), ("lstm again", SEEDS))
        }
        (pair,) = concluded_from(config, prepared, outcomes).pairs
        wrong += pair.quality.verdict in ("better", "worse")
    assert len({leg.summary.test.value for leg in legs}) > 5  # the seeds do differ
    assert wrong <= TRIALS * 0.05 + 2 * (TRIALS * 0.05 * 0.95) ** 0.5


def test_its_memory_is_the_same_to_the_byte_from_any_seed(config):
    prepared = prepare_data(config)
    training = config.section(TrainingConfig)
    device = torch.device("cpu")
    used = []
    for seed in (0, 1000):
        leg = LegConfig(
            task=prepared.name,
            prepared_sha256=prepared.sha256,
            model=model_config(config, parse_spec("lstm")),
            training=training,
            seed=seed,
            device="cpu",
            threads=1,
            torch=torch.__version__,
        )
        batches = cost_batches(prepared.splits["train"], training, device)
        use = memory_use(build_network(leg, prepared), batches, training)
        used.append((use.parameters, use.optimizer, use.activations))
    assert used[0] == used[1]
