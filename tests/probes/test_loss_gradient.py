import pytest
import torch
from torch.nn.utils import clip_grad_norm_

from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig
from seqcli.models.head import HEADS
from seqcli.models.heads.classify import Classify
from seqcli.models.initialisation import Initialisation
from seqcli.ops.recurrence import unroll
from seqcli.probes.horizon import measured_lags
from seqcli.probes.inputs import AddingInputs, HeldInputs, ending_together
from seqcli.probes.loss_gradient import AddingReadout, HeadObjective
from seqcli.probes.probe import ProbeSettings
from seqcli.probes.subjects import Subject, probe_subject, systems_of
from seqcli.results.events import drive

T, B, H = 20, 3, 6
every_cell = pytest.mark.parametrize("cell", CELLS.names())


def nudged(recurrent, inputs):
    """Outputs of every layer with a nudge of zero added to every state h: its gradient is ∂L/∂h_t in full."""
    nudges = []
    for layer in range(recurrent.num_layers):
        w_ih, w_hh, b_ih, b_hh = (weight.detach() for weight in recurrent.weights(f"_l{layer}"))
        nudge = torch.zeros(inputs.shape[1], inputs.shape[0], H, dtype=torch.float64, requires_grad=True)
        state, values = recurrent.cell.initial_state(inputs.shape[0], H, like=inputs), []
        for t, x in enumerate((inputs @ w_ih.T + b_ih).unbind(1)):
            h, *rest = recurrent.cell.step(x, state, w_hh, b_hh)
            state = (h + nudge[t], *rest)
            values.append(state[0])
        nudges.append(nudge)
        inputs = torch.stack(values, dim=1)
    return inputs, nudges


def readout(size=H):
    return torch.randn(size, generator=torch.Generator().manual_seed(8), dtype=torch.float64)


def log_norms(gradients):
    """log10 of the norm over all layers at each step, mean over the batch, from the last step back."""
    squares = sum(gradient.square().sum(-1) for gradient in gradients)  # (T, B)
    return (squares.sqrt().log10()).mean(1).flip(0).tolist()


def found(made, subject):
    return drive(probe_subject(subject, ProbeSettings(measured_lags(T - 1), all_probes=False)))


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_the_gradient_at_each_step_is_autograd_s_through_every_path(made, cell, layers):
    recurrent = made.recurrent(cell, layers=layers)
    inputs = AddingInputs(T, B, seed=0)
    outputs, nudges = nudged(recurrent, inputs.stretch(0, T))
    ((outputs[:, -1] @ readout() - inputs.answers()) ** 2).sum().backward()
    expected = log_norms([nudge.grad for nudge in nudges])
    subject = Subject(recurrent, inputs, torch.full((B,), T), AddingReadout(readout(), inputs.answers()))
    (result,) = found(made, subject).values()
    assert result.loss_gradient == pytest.approx([expected[lag] for lag in result.lags], abs=1e-10)


@every_cell
@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_a_task_s_loss_is_heard_at_every_step_that_its_head_reads(made, cell, pooling):
    recurrent = made.recurrent(cell)
    config = ModelConfig(model=cell, hidden=H, pooling=pooling, dropout=0.5)
    head = Classify(config, 3)
    head.initialise(generator=torch.Generator().manual_seed(0))
    head.double().eval()
    lengths, targets = torch.tensor([24, 20, 22]), torch.tensor([0, 2, 1])
    padded = torch.randn(B, 24, 2, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    expected = []
    for row, length in enumerate(lengths.tolist()):
        outputs, (nudge,) = nudged(recurrent, padded[row : row + 1, :length])
        head.loss(head(outputs, None), targets[row : row + 1]).backward()
        expected.append(nudge.grad[:, 0].norm(dim=-1).log10().flip(0)[:T])
    mean = torch.stack(expected).mean(0).tolist()
    inputs = HeldInputs(ending_together(padded, lengths), lengths)
    (result,) = found(
        made, Subject(recurrent, inputs, lengths, HeadObjective(head, targets, lengths))
    ).values()
    assert result.loss_gradient == pytest.approx([mean[lag] for lag in result.lags], abs=1e-10)


TARGETS = {
    "classify": [0, 2, 1],
    "signal": [0, 2, 1],
    "regress": [0.5, -1.0, 2.0],
    "language": [[0, 1, 2, 1], [2, 0, NO_ANSWER, NO_ANSWER], [1, 1, 0, NO_ANSWER]],
    "forecast": [[0.5, -1.0, 2.0], [1.0, 0.0, -2.0], [0.1, 0.2, 0.3]],
    "generate": [[0, 1, 2, 1], [2, 0, NO_ANSWER, NO_ANSWER], [1, 1, 0, NO_ANSWER]],
    "row": [0, 2, 1],
    "signal-tag": [[0, 1, 2, 1], [2, 0, NO_ANSWER, NO_ANSWER], [1, 1, 0, NO_ANSWER]],
    "tag": [[0, 1, 2, 1], [2, 0, NO_ANSWER, NO_ANSWER], [1, 1, 0, NO_ANSWER]],
    "symbols": [[0, 1, 2, 1], [NO_ANSWER, 0, NO_ANSWER, NO_ANSWER], [1, 1, 0, NO_ANSWER]],
}


@pytest.mark.parametrize("kind", HEADS.names())
def test_a_sequence_hears_the_same_alone_as_beside_longer_ones(kind):
    generator = torch.Generator().manual_seed(0)
    head = HEADS.get(kind)(ModelConfig(model="gru", hidden=H), 1 if kind == "regress" else 3)
    head.initialise(generator=generator)
    head.double().eval()
    outputs = torch.randn(B, 4, H, generator=generator, dtype=torch.float64)
    lengths, targets = torch.tensor([4, 2, 3]), torch.tensor(TARGETS[kind])
    targets = targets.double() if targets.is_floating_point() else targets
    together = HeadObjective(head, targets, lengths).direct(outputs)
    for row in range(B):
        own = slice(row, row + 1)
        alone = HeadObjective(head, targets[own], lengths[own]).direct(outputs[own])
        torch.testing.assert_close(together[own], alone)


def side(recurrent, values, layer, direction):
    """One layer and direction with nudges on its states, over rows of one length."""
    w_ih, w_hh, b_ih, b_hh = recurrent.weights(recurrent.suffixes(layer)[direction])
    values = values.flip(1) if direction else values
    nudge = torch.zeros(values.shape[1], values.shape[0], H, dtype=torch.float64, requires_grad=True)
    steps = iter(nudge)

    def step(x, state):
        h, *rest = recurrent.cell.step(x, state, w_hh, b_hh)
        return (h + next(steps), *rest)

    first = recurrent.cell.initial_state(values.shape[0], H, like=values)
    outputs, _ = unroll(step, values @ w_ih.T + b_ih, first)
    return outputs.flip(1) if direction else outputs, nudge


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_in_both_directions_each_layer_hears_all_that_stands_above_it(made, cell, layers):
    recurrent = made.recurrent(cell, layers=layers, bidirectional=True)
    inputs = AddingInputs(T, B, seed=0)
    values, nudges = inputs.stretch(0, T), {}
    for layer in range(layers):
        sides = [side(recurrent, values, layer, direction) for direction in (0, 1)]
        values = torch.cat([outputs for outputs, _ in sides], dim=-1)
        nudges |= {(layer, direction): nudge for direction, (_, nudge) in enumerate(sides)}
    ends = torch.cat([values[:, -1, :H], values[:, 0, H:]], dim=-1)
    ((ends @ readout(2 * H) - inputs.answers()) ** 2).sum().backward()
    objective = AddingReadout(readout(2 * H), inputs.answers())
    result = found(made, Subject(recurrent, inputs, torch.full((B,), T), objective))
    assert tuple(result) == systems_of(recurrent)
    for findings, nudge in zip(result.values(), nudges.values(), strict=True):
        expected = log_norms([nudge.grad])
        assert findings.loss_gradient == pytest.approx([expected[lag] for lag in findings.lags], abs=1e-9)


@pytest.mark.parametrize("gain", [0.9, 3.0])
def test_clipping_moves_every_lag_by_one_factor_and_leaves_the_shape(made, gain):
    """torch clips the gradients of all states and weights together; ours is the curve before."""
    recurrent = made.recurrent("rnn", how=Initialisation("gaussian", gain=gain))
    inputs = AddingInputs(T, B, seed=0)
    outputs, (nudge,) = nudged(recurrent, inputs.stretch(0, T))
    ((outputs[:, -1] @ readout() - inputs.answers()) ** 2).sum().backward()
    norm = clip_grad_norm_([nudge], 0.01)
    assert norm > 0.01
    objective = AddingReadout(readout(), inputs.answers())
    (result,) = found(made, Subject(recurrent, inputs, torch.full((B,), T), objective)).values()
    clipped = log_norms([nudge.grad])
    moved = [clipped[lag] - value for lag, value in zip(result.lags, result.loss_gradient, strict=True)]
    assert max(moved) - min(moved) < 1e-12
    assert moved[0] == pytest.approx((0.01 / (norm + 1e-6)).log10().item(), abs=1e-6)


def test_a_loss_without_gradient_is_minus_infinity_everywhere(made):
    recurrent = made.recurrent("gru")
    inputs = AddingInputs(T, B, seed=0)
    silent = AddingReadout(torch.zeros(H, dtype=torch.float64), inputs.answers())
    (result,) = found(made, Subject(recurrent, inputs, torch.full((B,), T), silent)).values()
    assert set(result.loss_gradient) == {-torch.inf}
