"""`--demo explode`: a training that ends in NaN, and the same training with clipping, which does not.

Nothing is staged but the start: an RNN with ReLU whose recurrent weights are drawn with a gain at which
gradients grow from step to step, trained on the adding problem by plain gradient descent, in float32 and by
the same step as every other training. Adam would hide it, because it divides a gradient by its own size.

Source: Pascanu et al., 'On the difficulty of training recurrent neural networks', 2013.
"""

import math
from collections.abc import Generator, Sequence

import torch

from seqcli.config.layers import from_values, merge, validate
from seqcli.data.randomness import stream_seed
from seqcli.experiments.gradprobe.config import DEMO_LENGTH, GradprobeConfig
from seqcli.models.config import ModelConfig, ModelShape
from seqcli.models.network import Network, build
from seqcli.models.spec import ModelSpec
from seqcli.probes.inputs import AddingInputs
from seqcli.results.gradprobe import Demo, DemoSeed, DemoTraining, ProbeProgress
from seqcli.training.step import Batch, make_optimiser, train_step

EXPLODING = {"activation": "relu", "init": "gaussian", "gain": 1.8}
"""Where the demonstration starts, unless the model says otherwise; 2^0.5 is where ReLU begins to explode."""

LEARNING_RATE = 0.03  # at a tenth of it the clipped loss is still at 9 after as many steps
BATCH = 16  # a step over 30 time steps costs milliseconds
STEPS = 100
"""Unclipped, all of five seeds end in NaN at the second step; clipped, losses of up to 200,000 fall below 1
within these steps (hidden 128, a few seconds on a core)."""
USUAL_CLIP = 1.0
"""What `train --clip` is unless a person says otherwise."""


def demo_config(config: GradprobeConfig, spec: ModelSpec) -> ModelConfig:
    """The model that explodes: the named RNN, with what it leaves open set so that gradients grow."""
    shared = {name: getattr(config, name) for name in ModelShape.model_fields}
    chosen = {name: value for name, value in EXPLODING.items() if name not in config.model_fields_set}
    layers = (from_values(values, "the demonstration") for values in ({"dropout": 0.0}, chosen, shared))
    return validate(ModelConfig, merge(spec.layer(), *layers))


def run_demo(model: ModelConfig, label: str, config: GradprobeConfig) -> Generator[ProbeProgress, None, Demo]:
    """Train each seed without and with clipping, from the same weights on the same batches."""
    clip = config.clip or USUAL_CLIP
    seeds: list[DemoSeed] = []
    for seed in config.seeds:
        yield ProbeProgress(
            model=label,
            seed=seed,
            what="training to explode",
            share=0.0,
            done=len(seeds),
            total=len(config.seeds),
        )
        without, clipped = (train_until_nan(model, seed, clip=norm) for norm in (None, clip))
        seeds.append(DemoSeed(seed=seed, without=without, clipped=clipped))
    return Demo(
        name="explode",
        label=label,
        settings={"hidden": model.hidden, **{name: getattr(model, name) for name in EXPLODING}},
        length=DEMO_LENGTH,
        optimizer="sgd",
        learning_rate=LEARNING_RATE,
        batch_size=BATCH,
        steps=STEPS,
        clip=clip,
        seeds=seeds,
    )


def train_until_nan(model: ModelConfig, seed: int, *, clip: float | None) -> DemoTraining:
    """At most `STEPS` steps of gradient descent, ended by the first loss or gradient that is no number."""
    network = first_network(model, seed)
    optimiser = make_optimiser(network, LEARNING_RATE, optimizer="sgd")
    losses: list[float] = []
    norms: list[float] = []
    for step in range(STEPS):
        outcome = train_step(network, optimiser, demo_batch(seed, step), clip_norm=clip)
        losses.append(outcome.loss)
        norms.append(outcome.gradient_norm)
        if not (math.isfinite(outcome.loss) and math.isfinite(outcome.gradient_norm)):
            return _training(losses, norms, diverged_at=step + 1)
    return _training(losses, norms, diverged_at=None)


def first_network(model: ModelConfig, seed: int) -> Network:
    """The network that training begins with, with the recurrent weights that the probe of this seed has."""
    generator = torch.Generator().manual_seed(stream_seed(seed, "init"))
    width = AddingInputs.width
    return build(model, vocab_size=0, output_size=1, generator=generator, head="regress", inputs=width)


def demo_batch(seed: int, step: int) -> Batch:
    """One batch of the adding problem, (B, T, 2) in float32 and its answers (B)."""
    inputs = AddingInputs(DEMO_LENGTH, BATCH, seed=stream_seed(seed, "order", step))
    lengths = torch.full((BATCH,), DEMO_LENGTH)
    return Batch(inputs.stretch(0, DEMO_LENGTH).float(), lengths, inputs.answers().float())


def _training(losses: Sequence[float], norms: Sequence[float], *, diverged_at: int | None) -> DemoTraining:
    """The record, in which what is no number is None and named beside."""
    ends = {"loss": losses[-1], "gradient norm": norms[-1]}
    infinite = [f"the {quantity} is {value}" for quantity, value in ends.items() if not math.isfinite(value)]
    return DemoTraining(
        loss=[value if math.isfinite(value) else None for value in losses],
        gradient_norm=[value if math.isfinite(value) else None for value in norms],
        diverged_at=diverged_at,
        seen="" if diverged_at is None else infinite[0],
    )
