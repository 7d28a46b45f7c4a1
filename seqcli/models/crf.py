"""A linear chain over labels: one path of labels is likely or not as a whole (Lafferty et al., 2001)."""

import torch
from torch import Generator, Tensor, nn

NEAR_NOTHING = 0.1
"""Bound of first transitions: a chain begins next to none, so that words speak first."""


class LabelChain(nn.Module):
    """Scores of a first label, of a last one, and of each label after each; all trained.

    The score of a path is the sum of its emissions and transitions, its probability exp(score) by the sum of
    that over all paths. Shapes: emissions (B, T, C), labels and mask (B, T), padding at the right.

    Args:
        labels: C.
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.zeros(labels))
        self.last = nn.Parameter(torch.zeros(labels))
        self.transitions = nn.Parameter(torch.zeros(labels, labels))

    def initialise(self, *, generator: Generator) -> None:
        """Scores uniform next to 0."""
        for scores in (self.first, self.last, self.transitions):
            nn.init.uniform_(scores, -NEAR_NOTHING, NEAR_NOTHING, generator=generator)

    def log_likelihood(self, emissions: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """The log-probability of each row's path of labels, (B) in nats.

        Args:
            emissions: (B, T, C); what stands beyond a row's real steps means nothing.
            labels: (B, T) class numbers at real steps.
            mask: (B, T) True at real steps, the first of each row among them.
        """
        return self._path_score(emissions, labels, mask) - self._log_sum(emissions, mask)

    def _path_score(self, emissions: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        # Padding has no label: any number that can index stands in for it, and is masked below.
        known = labels.masked_fill(~mask, 0)
        own = emissions.gather(2, known.unsqueeze(2)).squeeze(2)  # (B, T)
        moves = self.transitions[known[:, :-1], known[:, 1:]]  # (B, T - 1)
        ends = known.gather(1, mask.sum(dim=1, keepdim=True) - 1).squeeze(1)
        steps = own.masked_fill(~mask, 0).sum(dim=1) + moves.masked_fill(~mask[:, 1:], 0).sum(dim=1)
        return steps + self.first[known[:, 0]] + self.last[ends]

    def _log_sum(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """The logarithm of the sum over all paths, (B), by the forward algorithm."""
        scores = self.first + emissions[:, 0]  # (B, C): of all beginnings that end in each label
        for step in range(1, emissions.shape[1]):
            moved = torch.logsumexp(scores.unsqueeze(2) + self.transitions, dim=1) + emissions[:, step]
            # Beyond a row's end its sums stand still, so that its last label is scored once.
            scores = torch.where(mask[:, step].unsqueeze(1), moved, scores)
        return torch.logsumexp(scores + self.last, dim=1)

    def best_path(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """The likeliest path of each row, (B, T) int64, exactly (Viterbi, 1967); 0 beyond its real steps."""
        batch, steps, labels = emissions.shape
        scores = self.first + emissions[:, 0]
        stay = torch.arange(labels, device=emissions.device).expand(batch, labels)
        came_from = []  # (B, C) each: the best label before, for each label at the step
        for step in range(1, steps):
            best, before = (scores.unsqueeze(2) + self.transitions).max(dim=1)
            real = mask[:, step].unsqueeze(1)
            scores = torch.where(real, best + emissions[:, step], scores)
            # Padding points each label at itself: the way back passes over it unchanged.
            came_from.append(torch.where(real, before, stay))
        label = (scores + self.last).argmax(dim=1)  # (B)
        path = [label]
        for before in reversed(came_from):
            label = before.gather(1, label.unsqueeze(1)).squeeze(1)
            path.append(label)
        return torch.stack(path[::-1], dim=1).masked_fill(~mask, 0)
