"""Encoder and decoder probed: every norm against autograd over states that are nudged step by step."""

import pytest
import torch

from seqcli.cli.main import execute
from seqcli.data.tokenizer import PAD
from seqcli.experiments.gradprobe.encoder_decoder import CONTEXT, DECODER, ENCODER, Seq2SeqRunSource
from seqcli.experiments.gradprobe.probed_runs import TrainedRun
from seqcli.models.recurrent import Recurrent
from seqcli.probes.probe import ProbeSettings
from seqcli.probes.subjects import probe_subject
from seqcli.results.events import drive

ROWS = [
    (f"{a}{b}{a}"[: 2 + (i % 3)], f"{b}{a}{b}{a}"[: 3 + (i % 2)])
    for i, (a, b) in enumerate((a, b) for a in "abcdefgh" for b in "stuvwxyz")
]
STEPS = 2


@pytest.fixture(scope="module")
def run_of(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mt")
    data = folder / "pairs.tsv"
    data.write_text("source\ttarget\n" + "".join(f"{a}\t{b}\n" for a, b in ROWS), encoding="utf-8")

    def train(model):
        out = folder / model.replace(":", "-").replace(",", "-")
        line = ["train", model, "--data", data, "--tokenizer", "char", "--hidden", 8, "--embedding", 8]
        if not out.exists():
            more = ["--epochs", 1, "--max-steps", 2, "-q", "--out", out]
            assert execute([str(word) for word in (*line, *more)]) == 0
        return out

    return train


class Nudged:
    """Runs a recurrence step by step, a zero added to every h, so that its gradient is ∂L/∂h in full."""

    def __init__(self, recurrent):
        self.recurrent, self.nudges = recurrent, {}

    def __call__(self, inputs, lengths=None, first=None):
        layers, last = self.recurrent, []
        for layer in range(layers.num_layers):
            sides = []
            for side, suffix in enumerate(layers.suffixes(layer)):
                index = len(last)
                begun = None if first is None else [part[index] for part in first]
                outputs, state = self._side(inputs, lengths, suffix, side, begun)
                sides.append(outputs)
                last.append(state)
            inputs = torch.cat(sides, dim=-1)
        return inputs, tuple(torch.stack(parts) for parts in zip(*last, strict=True))

    def _side(self, inputs, lengths, suffix, side, begun):
        w_ih, w_hh, b_ih, b_hh = self.recurrent.weights(suffix)
        rows, nudges, ends = [], [], []
        for row in range(len(inputs)):
            count = inputs.shape[1] if lengths is None else int(lengths[row])
            size = self.recurrent.hidden_size
            state = [torch.zeros(1, size).double() for _ in self.recurrent.cell.state_names]
            state = state if begun is None else [part[row : row + 1] for part in begun]
            nudge = torch.zeros(count, size, dtype=torch.float64, requires_grad=True)
            mapping = {}
            order = range(count)[::-1] if side else range(count)
            for place, t in enumerate(order):
                x = inputs[row, t] @ w_ih.T + b_ih
                h, *rest = self.recurrent.cell.step(x[None], tuple(state), w_hh, b_hh)
                state = [h + nudge[place], *rest]
                mapping[t] = state[0][0]
            blank = torch.zeros(size).double()
            rows.append(torch.stack([mapping.get(t, blank) for t in range(inputs.shape[1])]))
            nudges.append(nudge)
            ends.append([part[0] for part in state])
        self.nudges[suffix] = nudges
        return torch.stack(rows), tuple(torch.stack(parts) for parts in zip(*ends, strict=True))


def by_autograd(network, batch, monkeypatch):
    """The norms of ∂(summed loss)/∂h of encoder and decoder, suffix by suffix: a list a row."""
    nudged = {id(part.recurrent): Nudged(part.recurrent) for part in (network.encoder, network.decoder)}
    with monkeypatch.context() as patch:
        patch.setattr(Recurrent, "forward", lambda self, *given: nudged[id(self)](*given))
        loss = network.batch_loss(*batch) * (batch.targets != PAD).sum()
        loss.backward()
    return [
        {
            suffix: [row.grad.norm(dim=-1).log10() for row in rows]
            for suffix, rows in nudged[id(part.recurrent)].nudges.items()
        }
        for part in (network.encoder, network.decoder)
    ]


def mean_at_lags(rows, lengths):
    """The mean over rows at lags 0 to STEPS - 1 from each row's own last real step."""
    return [
        sum(float(row[int(length) - 1 - lag]) for row, length in zip(rows, lengths, strict=True)) / len(rows)
        for lag in range(STEPS)
    ]


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("attention", ["none", "luong"])
@pytest.mark.parametrize("bidirectional", ["true", "false"])
def test_the_loss_gradient_of_encoder_and_decoder_is_autograd_s(
    run_of, monkeypatch, cell, attention, bidirectional
):
    folder = run_of(f"seq2seq:cell={cell},attention={attention},bidirectional={bidirectional}")
    run = TrainedRun.open(folder)
    source = Seq2SeqRunSource(run, run.best(), steps=STEPS, batch_size=4)
    network, batch = source.network(run.model), source.batch(0, 0)
    encoder, decoder = by_autograd(network, batch, monkeypatch)
    subjects = source.subjects(run.model, 0)
    outlook = ProbeSettings([0, 1], all_probes=False)
    result = drive(probe_subject(subjects[ENCODER], outlook))
    for findings, (_, rows) in zip(result.values(), encoder.items(), strict=True):
        assert findings.loss_gradient == pytest.approx(mean_at_lags(rows, batch.lengths), abs=1e-8)
    (findings,) = drive(probe_subject(subjects[DECODER], outlook)).values()
    words = (batch.targets != PAD).sum(1)
    assert findings.loss_gradient == pytest.approx(mean_at_lags(decoder["_l0"], words), abs=1e-8)
    assert (CONTEXT in subjects) == (attention != "none")


def test_a_run_of_encoder_and_decoder_is_probed_by_its_folder_alone(run_of, seqcli):
    folder = run_of("seq2seq:cell=gru,attention=luong,bidirectional=false")
    ran = seqcli("gradprobe", folder, "--format", "json", "--seeds", 2, "--clip", 1)
    assert ran.code == 0, ran.err
    labels = [model["label"] for model in ran.json["models"]]
    assert labels == ["seq2seq encoder", "seq2seq encoder by context alone", "seq2seq decoder"]
    assert all(model["log10_loss_gradient"] for model in ran.json["models"])
    assert seqcli("gradprobe", folder, "--over-training", "--seeds", 1).code == 0


def test_with_input_feeding_the_decoder_is_no_plain_recurrence_and_is_left_out(run_of):
    run = TrainedRun.open(run_of("seq2seq:input_feeding=true"))
    source = Seq2SeqRunSource(run, None, steps=STEPS, batch_size=2)
    assert DECODER not in source.systems(run.model)
    assert DECODER not in source.subjects(run.model, 0)
