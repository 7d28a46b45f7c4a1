"""The script that a person would write: embedding, nn.LSTM or nn.GRU on packed batches, Adam.

It pads every batch to the same fixed length. It reads the same ids, splits and labels as seqcli does, trains
the same model for the same number of epochs on the same batch size, keeps the best epoch by validation
accuracy, and prints one JSON line. torch's default
number of threads, torch's default initialisation, plain Adam.
"""

import argparse
import copy
import json
import time
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from seqcli.data.prepared import Prepared


class Classifier(nn.Module):
    def __init__(self, kind: str, vocab_size: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, hidden, padding_idx=0)
        self.layer = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind](hidden, hidden, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        embedded = self.dropout(self.embedding(ids))
        packed = nn.utils.rnn.pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        _, last = self.layer(packed)
        last = last[0] if isinstance(last, tuple) else last
        logits: torch.Tensor = self.linear(self.dropout(last[-1]))
        return logits


def dataset(prepared: Prepared, split: str) -> TensorDataset:
    examples = prepared.splits[split]
    ids = torch.zeros(len(examples), prepared.max_len, dtype=torch.int64)
    for number in range(len(examples)):
        row = examples.rows(torch.tensor([number]).numpy())
        ids[number, : row.lengths[0]] = torch.from_numpy(row.inputs[0])
    return TensorDataset(ids, torch.from_numpy(examples.lengths), torch.from_numpy(examples.targets))


@torch.no_grad()
def accuracy(model: nn.Module, data: TensorDataset) -> float:
    model.eval()
    right = sum(
        int((model(ids, lengths).argmax(1) == targets).sum())
        for ids, lengths, targets in DataLoader(data, batch_size=256)
    )
    return right / len(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["rnn", "lstm", "gru"])
    parser.add_argument("data", type=Path, help="a folder of prepared data")
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--dropout", type=float, default=0.5)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()

    torch.manual_seed(given.seed)
    prepared = Prepared.open(given.data)
    train, valid, test = (dataset(prepared, split) for split in ("train", "valid", "test"))
    model = Classifier(given.kind, prepared.vocab_size, given.hidden, given.dropout)
    optimiser = torch.optim.Adam(model.parameters(), lr=given.lr)
    best, kept, seconds = 0.0, copy.deepcopy(model.state_dict()), 0.0
    for _ in range(given.epochs):
        model.train()
        began = time.perf_counter()
        for ids, lengths, targets in DataLoader(train, batch_size=given.batch_size, shuffle=True):
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(model(ids, lengths), targets)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        seconds += time.perf_counter() - began
        if (score := accuracy(model, valid)) > best:
            best, kept = score, copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    told = {"sequences_per_second": given.epochs * len(train) / seconds, "test": accuracy(model, test)}
    print(json.dumps({**told, "threads": torch.get_num_threads()}))


if __name__ == "__main__":
    main()
