"""From what decides a leg to its network and its training at the first step."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from seqcli.data.batches import subset_of
from seqcli.data.letters import letters_in
from seqcli.data.prepared import Prepared
from seqcli.data.randomness import stream_seed
from seqcli.models.architecture import DataShape, architecture
from seqcli.models.config import ModelConfig
from seqcli.models.frames import FrameSize
from seqcli.models.kernel_proof import prove_kernels, recurrences
from seqcli.models.learner import Learner
from seqcli.models.network import HeadedNetwork, parameter_counts
from seqcli.results.events import Note
from seqcli.results.measurements import Parameters
from seqcli.training.beginning import begin_from
from seqcli.training.identity import LegConfig
from seqcli.training.loop import Training


def build_network(config: LegConfig, prepared: Prepared) -> Learner:
    """The leg's network with its first weights, on the leg's device, on kernels that are right there."""
    generator = torch.Generator().manual_seed(stream_seed(config.seed, "init"))
    network = architecture(config.model.model).build(config.model, data_shape(prepared), generator)
    if prepared.first is not None:
        begin_from(network, prepared.first)
    network = network.to(torch.device(config.device))
    mixed = config.precision == "bf16"
    if mixed and config.device == "cpu":
        # Its kernels take one type throughout, and of bfloat16 only where the processor has it.
        for stack in recurrences(network):
            stack.path = "step"
    prove_kernels(network, mixed=mixed)
    return network


def refused_kernels(network: Learner) -> Iterator[Note]:
    """The notes on kernels that are not used, for they do not compute what they should."""
    refused = {(stack.cell.name, stack.refused[0]) for stack in recurrences(network) if stack.refused}
    for cell, kernel in sorted(refused):
        yield Note(subject="kernel not used", values={"cell": cell, "kernel": kernel})


def parameters_of(model: ModelConfig, prepared: Prepared) -> Parameters:
    """Return how many numbers a model trains on such data, counted on the built model."""
    built = architecture(model.model).build(model, data_shape(prepared), torch.Generator())
    return Parameters(**parameter_counts(built))


def data_shape(prepared: Prepared) -> DataShape:
    """Return the shape of the data, as a model's construction needs it."""
    return DataShape(
        kind=prepared.kind,
        vocab_size=prepared.vocab_size,
        input_size=prepared.input_size,
        output_size=prepared.output_size,
        shared_vocabulary=prepared.tokenizer.shared,
        quantiles=prepared.quantiles,
        frame=None if prepared.frame is None else FrameSize(*prepared.frame),
        letters=letters_in(prepared.reading),
    )


def make_training(config: LegConfig, prepared: Prepared) -> Training:
    """The leg's training at its first step."""
    network = build_network(config, prepared)
    train = subset_of(prepared.splits["train"], config.training.train_size, seed=config.seed)
    if config.training.class_weights == "balanced" and isinstance(network, HeadedNetwork):
        weights = balanced_weights(train.targets, prepared.output_size)
        network.head.class_weights = torch.from_numpy(weights).to(torch.device(config.device))
    training = _training_class(config)(
        network,
        train=train,
        valid=prepared.splits["valid"],
        config=config.training,
        metric=prepared.scored_by,
        seed=config.seed,
        device=torch.device(config.device),
    )
    training.precision = config.precision
    return training


def _training_class(config: LegConfig) -> type[Training]:
    """Training in this process alone, or its part of one that several processes share."""
    if config.batched:
        from seqcli.training.batched_seeds import BatchedTraining

        return BatchedTraining
    if config.processes == 1:
        return Training
    from seqcli.training.shared_training import SharedTraining

    return SharedTraining


def balanced_weights(targets: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """The weight of each class, N / (C · n_c), so that all count alike (King & Zeng, 2001).

    Args:
        targets: The class of each training example (N).
        classes: C, the classes; one without examples, as in a part of the data, weighs nothing.
    """
    counts = np.bincount(targets, minlength=classes)
    present = np.count_nonzero(counts)
    weights = np.where(counts > 0, len(targets) / (present * np.maximum(counts, 1)), 0.0)
    return weights.astype(np.float32)
