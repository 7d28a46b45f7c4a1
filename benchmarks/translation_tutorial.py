"""The model and the loops of the PyTorch tutorial on translation, to measure against.

After 'NLP From Scratch: Translation with a Sequence to Sequence Network and Attention': a GRU encoder, a GRU
decoder with additive attention, one Python step a target token, the keys projected anew at each step. Batches
are taken as they come and padded to their longest; one sentence at a time is translated.
"""

import torch
from torch import Tensor, nn

PAD, BOS = 0, 2


class Tutorial(nn.Module):
    def __init__(self, words: int, hidden: int) -> None:
        super().__init__()
        self.source, self.target = nn.Embedding(words, hidden), nn.Embedding(words, hidden)
        self.encoder = nn.GRU(hidden, hidden, batch_first=True)
        self.query, self.key = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)
        self.energy = nn.Linear(hidden, 1)
        self.decoder = nn.GRU(2 * hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, words)
        self.dropout = nn.Dropout(0.1)

    def step(self, word: Tensor, state: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
        query = state.permute(1, 0, 2)
        scores = self.energy(torch.tanh(self.query(query) + self.key(outputs)))
        weights = scores.squeeze(2).unsqueeze(1).softmax(dim=-1)
        inputs = torch.cat((self.dropout(self.target(word)), torch.bmm(weights, outputs)), dim=2)
        output, state = self.decoder(inputs, state)
        return self.out(output), state

    def loss(self, source: Tensor, target: Tensor) -> Tensor:
        outputs, state = self.encoder(self.dropout(self.source(source)))
        word = torch.full((len(source), 1), BOS)
        steps = []
        for t in range(target.shape[1]):
            output, state = self.step(word, state, outputs)
            steps.append(output)
            word = target[:, t].unsqueeze(1)
        told = torch.cat(steps, dim=1).log_softmax(dim=-1)
        return nn.functional.nll_loss(told.flatten(0, 1), target.flatten(), ignore_index=PAD)

    @torch.no_grad()
    def write(self, source: Tensor, steps: int) -> list[int]:
        outputs, state = self.encoder(self.source(source))
        word = torch.full((1, 1), BOS)
        written = []
        for _ in range(steps):
            output, state = self.step(word, state, outputs)
            word = output.argmax(dim=-1)
            written.append(int(word))
        return written

    @torch.no_grad()
    def write_by_beam(self, source: Tensor, steps: int, beam: int) -> list[int]:
        """The tutorial has no beam search: this is its loop with a sentence's hypotheses side by side."""
        outputs, state = self.encoder(self.source(source))
        outputs, state = outputs.expand(beam, -1, -1), state.expand(-1, beam, -1).contiguous()
        word = torch.full((beam, 1), BOS)
        scores = torch.full((beam, 1), -torch.inf)
        scores[0] = 0
        written: list[list[int]] = [[] for _ in range(beam)]
        for _ in range(steps):
            output, state = self.step(word, state, outputs)
            sums = (scores + output[:, 0].log_softmax(dim=-1)).flatten()
            best, places = sums.topk(beam)
            origins, words = places // output.shape[2], places % output.shape[2]
            written = [[*written[o], w] for o, w in zip(origins.tolist(), words.tolist(), strict=True)]
            scores, word, state = best.unsqueeze(1), words.unsqueeze(1), state[:, origins]
        return written[0]
