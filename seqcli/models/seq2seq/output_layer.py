"""The output layer as search asks it: which words are likeliest, without sorting all of them.

The logits of a step are its largest tensor by far. They are made for some words at a time, whose vectors then
stay in the processor's cache for all rows, and looked through block by block: the k largest of a row lie in
the k blocks with the largest maxima, and maxima are far cheaper than torch's argmax and topk over long rows.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from seqcli.data.tokenizer import BOS, PAD

NEVER_WRITTEN = (PAD, BOS)
"""Ids that no output holds."""

BLOCK = 64
"""Words of a block."""
WORDS_AT_ONCE = 7 * BLOCK
"""Words that rows are compared with together on a CPU (448 KiB of vectors of 256 numbers in float32)."""


class Banned(NamedTuple):
    """Words that some rows must not write; they keep their share of the probability."""

    rows: Tensor
    """(N)."""
    words: Tensor
    """(N)."""


class Continuations(NamedTuple):
    """The best continuations of each sentence's hypotheses, best first; N of them."""

    log_probabilities: Tensor
    """(S, N) of hypothesis and word together."""
    origins: Tensor
    """(S, N) which hypothesis each continues."""
    words: Tensor
    """(S, N) by which word."""


class OutputLayer:
    """Word vectors and biases, filled up to whole blocks by words that are never likely.

    Args:
        weight: (V, E) the vectors that features are compared with.
        bias: (V).
    """

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        self._words = len(weight)
        missing = -self._words % BLOCK
        self._weight = pad(weight.detach(), (0, 0, 0, missing)).t().contiguous()  # (E, V')
        self._bias = pad(bias.detach(), (0, missing), value=-torch.inf)
        self._bias_written = self._bias.clone()
        self._bias_written[list(NEVER_WRITTEN)] = -torch.inf

    def likeliest(self, features: Tensor) -> Tensor:
        """(R) the likeliest word of each row of features (R, E), the first of equals."""
        if features.shape[0] == 1:  # one row's logits stay in the cache whatever their order
            return torch.addmm(self._bias_written, features, self._weight).argmax(dim=-1)
        logits = self._logits(features, self._bias_written)
        blocks = logits.view(len(logits), -1, BLOCK)
        block = blocks.amax(dim=-1).argmax(dim=-1)  # (R)
        inside = blocks.gather(1, block.view(-1, 1, 1).expand(-1, 1, BLOCK)).squeeze(1)  # (R, BLOCK)
        return block * BLOCK + inside.argmax(dim=-1)

    def continuations(
        self, features: Tensor, log_probabilities: Tensor, count: int, banned: Banned | None = None
    ) -> Continuations:
        """The likeliest ways to go on, fewer than `count` where there are not as many.

        Args:
            features: (S·K, E) what the next word of each hypothesis looks like.
            log_probabilities: (S, K) of the hypotheses.
            count: N.
            banned: What must not be written.
        """
        values = self._logits(features, self._bias).log_softmax(dim=-1)
        for word in NEVER_WRITTEN:
            values[:, word] = -torch.inf
        if banned is not None:
            values[banned.rows, banned.words] = -torch.inf
        sentences, hypotheses = log_probabilities.shape
        if count < values.shape[1] // BLOCK:
            return _best_of_blocks(values.view(sentences, -1, BLOCK), log_probabilities, count)
        sums = values[:, : self._words] + log_probabilities.view(-1, 1)
        best, places = sums.view(sentences, -1).topk(min(count, hypotheses * self._words), dim=1)
        return Continuations(best, places // self._words, places % self._words)

    def _logits(self, features: Tensor, bias: Tensor) -> Tensor:
        """(R, V') of features (R, E)."""
        words = self._weight.shape[1]
        at_once = WORDS_AT_ONCE if features.device.type == "cpu" else words
        logits = features.new_empty(len(features), words)
        for start in range(0, words, at_once):
            columns = slice(start, start + at_once)
            torch.addmm(bias[columns], features, self._weight[:, columns], out=logits[:, columns])
        return logits


def _best_of_blocks(blocks: Tensor, log_probabilities: Tensor, count: int) -> Continuations:
    """The best of (S, K · blocks, BLOCK), each with its hypothesis' log-probability (S, K) added."""
    each = blocks.shape[1] // log_probabilities.shape[1]
    before = log_probabilities.repeat_interleave(each, dim=1)  # (S, K · blocks)
    block = (blocks.amax(dim=-1) + before).topk(count, dim=1).indices  # (S, N)
    inside = blocks.gather(1, block.unsqueeze(2).expand(-1, -1, BLOCK))
    sums = (inside + before.gather(1, block).unsqueeze(2)).flatten(1)  # (S, N · BLOCK)
    best, places = sums.topk(count, dim=1)
    block = block.gather(1, places // BLOCK)
    return Continuations(best, block // each, block % each * BLOCK + places % BLOCK)
