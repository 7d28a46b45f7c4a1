"""The systems to probe in a model: one, or one for each direction where layers are bidirectional.

A stack of one-directional layers is one system: its state is that of all layers. Two directions are not: the
upper layer's first step already reads the lower layer's last. There each layer and direction is a
system of its own over the inputs that it really got, and the loss gradient comes down layer by layer.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from seqcli.errors import DivergedError
from seqcli.models.recurrent import Recurrent
from seqcli.ops.padding import reverse_by_length
from seqcli.probes.inputs import HeldInputs, Inputs, ending_together, starting_together
from seqcli.probes.loss_gradient import Direct, Objective
from seqcli.probes.probe import Findings, Loss, Passage, ProbeSettings
from seqcli.probes.system import Stack, System, system_of
from seqcli.results.events import relay


@dataclass(frozen=True)
class Subject:
    """A model's recurrence, a batch for it, and the loss.

    Args:
        recurrent: The model's recurrent layers, in any precision.
        inputs: A batch, each sequence ending at T.
        lengths: (B) real steps of each sequence.
        objective: The loss; None leaves the loss gradient out.
        normalised: Whether layer normalisation is put in.
        first: The state before the first step, (B, S, H) a layer; zeros by default.
    """

    recurrent: Recurrent
    inputs: Inputs
    lengths: Tensor
    objective: Objective | None = None
    normalised: bool = False
    first: Stack | None = None

    def without_loss(self) -> "Subject":
        """The same without a loss to follow: one sequence is then enough."""
        return replace(self, objective=None)

    def system(self, *suffixes: str) -> System:
        """The float64 twin of some of the layers."""
        return system_of(self.recurrent, suffixes, normalised=self.normalised)


Told = Generator[float, None, dict[str, Findings]]
"""Yields the share that is done; returns findings by system: '' for a stack, 'forward', 'backward', …."""


def systems_of(recurrent: Recurrent) -> tuple[str, ...]:
    """The names of what `probe_subject` will find in a model, in order."""
    if not recurrent.bidirectional:
        return ("",)
    return tuple(_name(recurrent, layer, side) for layer in range(recurrent.num_layers) for side in range(2))


def probe_subject(subject: Subject, outlook: ProbeSettings) -> Told:
    """Probe every system of a model.

    Raises:
        DivergedError: A state, product or gradient leaves the range of float64.
    """
    if subject.recurrent.bidirectional:
        return (yield from _probe_directions(subject, outlook))
    suffixes = [
        suffix
        for layer in range(subject.recurrent.num_layers)
        for suffix in subject.recurrent.suffixes(layer)
    ]
    objective, loss = subject.objective, None
    if objective is not None:
        states = _told_states(objective, subject.system(*suffixes), suffixes, len(subject.lengths))
        loss = Loss(
            lambda outputs: _tell(objective, outputs, subject.lengths, states), objective.uses_all_outputs
        )
    journey = Passage(subject.system(*suffixes), subject.inputs, outlook, loss, first=subject.first)
    return {"": (yield from _shares(journey, 0, 1))}


def _told_states(
    objective: Objective | None, system: System, suffixes: Sequence[str], rows: int
) -> Stack | None:
    """Return the loss's gradient at each layer's last state past its outputs; None where it has none."""
    gradients = [None if objective is None else objective.at_last(suffix) for suffix in suffixes]
    if all(state is None for state in gradients):
        return None
    zeros = system.first_state(rows)
    return [zero if state is None else state for state, zero in zip(gradients, zeros, strict=True)]


def _tell(objective: Objective, outputs: Tensor, lengths: Tensor, states: Stack | None) -> Direct:
    """The loss's words to outputs (B, T, H) that end together."""
    if not objective.uses_all_outputs:
        return Direct(objective.direct(outputs)[:, 0], None, states)
    of_each_step = ending_together(objective.direct(starting_together(outputs, lengths)), lengths)
    return Direct(of_each_step[:, -1], of_each_step, states)


def _shares(journey: Passage, passed: int, total: int) -> Generator[float, None, Findings]:
    """A journey's progress as its share in several."""
    passage_steps = 2 * journey.inputs.steps
    return (yield from relay(journey.go(), lambda steps: (passed + steps / passage_steps) / total))


def _probe_directions(subject: Subject, outlook: ProbeSettings) -> Told:
    """Every layer and direction by itself: up for what each layer reads, down for what the loss tells it."""
    layers = subject.recurrent.num_layers
    read = list(_read_by_layers(subject))
    gradient = _told_to_outputs(subject, read[-1])
    findings: dict[str, Findings] = {}
    for layer in reversed(range(layers)):
        below = 0.0 if gradient is None else torch.zeros_like(read[layer])
        for side, suffix in enumerate(subject.recurrent.suffixes(layer)):
            inputs = HeldInputs(_own_order(read[layer], subject.lengths, side), subject.lengths)
            states = _told_states(subject.objective, subject.system(suffix), (suffix,), len(subject.lengths))
            loss = None
            if gradient is not None:
                loss = _loss_of_side(gradient, subject.lengths, side, states, keep_inputs=layer > 0)
            journey = Passage(subject.system(suffix), inputs, outlook, loss)
            name = _name(subject.recurrent, layer, side)
            findings[name] = yield from _shares(journey, len(findings), 2 * layers)
            if journey.at_inputs is not None:
                below = below + _sequence_order(journey.at_inputs, subject.lengths, side)
        gradient = below if layer > 0 and isinstance(below, Tensor) else None
        _check(gradient)
    return {name: findings[name] for name in systems_of(subject.recurrent)}


def _read_by_layers(subject: Subject) -> Iterator[Tensor]:
    """Return the inputs of each layer, and at last the top layer's outputs, (B, T, ·) real steps first."""
    values = starting_together(subject.inputs.stretch(0, subject.inputs.steps), subject.lengths)
    yield values
    for layer in range(subject.recurrent.num_layers):
        sides = []
        for side, suffix in enumerate(subject.recurrent.suffixes(layer)):
            system = subject.system(suffix)
            inputs = HeldInputs(_own_order(values, subject.lengths, side), subject.lengths)
            first = system.first_state(inputs.batch_size)
            (states,) = system.run(inputs.values, first, inputs.real(0, inputs.steps))
            sides.append(_sequence_order(states[1:, :, 0].transpose(0, 1), subject.lengths, side))
        values = torch.cat(sides, dim=-1)
        yield values


def _told_to_outputs(subject: Subject, outputs: Tensor) -> Tensor | None:
    """Return the loss's gradient at the top layer's outputs, (B, T, 2H) in the sequence's order."""
    if subject.objective is None:
        return None
    if subject.objective.uses_all_outputs:
        return subject.objective.direct(outputs)
    sides = [_own_order(half, subject.lengths, side) for side, half in enumerate(outputs.chunk(2, dim=-1))]
    last = subject.objective.direct(torch.cat([side[:, -1:] for side in sides], dim=-1))
    gradients = [torch.zeros_like(side) for side in sides]
    for side, half in zip(gradients, last.chunk(2, dim=-1), strict=True):
        side[:, -1:] = half
    return torch.cat(
        [_sequence_order(side, subject.lengths, index) for index, side in enumerate(gradients)], dim=-1
    )


def _loss_of_side(
    gradient: Tensor, lengths: Tensor, side: int, states: Stack | None, *, keep_inputs: bool
) -> Loss:
    of_each_step = _own_order(gradient.chunk(2, dim=-1)[side], lengths, side)
    return Loss(lambda _: Direct(of_each_step[:, -1], of_each_step, states), keep_inputs=keep_inputs)


def _own_order(values: Tensor, lengths: Tensor, side: int) -> Tensor:
    """From the sequence's order to that in which a direction reads, all rows ending together."""
    return ending_together(reverse_by_length(values, lengths) if side else values, lengths)


def _sequence_order(values: Tensor, lengths: Tensor, side: int) -> Tensor:
    """Back from the order in which a direction reads, padding at the end."""
    together = starting_together(values, lengths)
    return reverse_by_length(together, lengths) if side else together


def _name(recurrent: Recurrent, layer: int, side: int) -> str:
    direction = ("forward", "backward")[side]
    return direction if recurrent.num_layers == 1 else f"layer {layer + 1} {direction}"


def _check(gradient: Tensor | None) -> None:
    if gradient is not None and not torch.isfinite(gradient).all():
        raise DivergedError(
            "the loss gradient overflows float64 on its way down the layers",
            "Probe fewer steps (--len), fewer layers or a smaller gain.",
        )
