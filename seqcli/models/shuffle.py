"""The order of steps thrown away: each example read in an order of its own, in training and after it."""

from hashlib import blake2b

import torch
from torch import Tensor, nn

from seqcli.data.randomness import Key, permutation


class StepShuffle(nn.Module):
    """A permutation of the real steps of each example, drawn from the seed and from the example itself.

    The same example is read in the same order in every epoch and wherever it is predicted; two examples of
    one length are read in different orders, so that no model can learn to undo it.

    Args:
        seed: From 0; kept among the model's weights.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.register_buffer("seed", torch.tensor([seed]))

    def places(self, inputs: Tensor, lengths: Tensor | None) -> Tensor:
        """The step that is read at each place, (B, T) int64; padding stays where it is.

        Args:
            inputs: Ids (B, T) or real vectors (B, T, I), right-padded.
            lengths: (B) real steps of each row; None means that all T are real.
        """
        rows = inputs.detach().cpu().numpy()
        counts = [inputs.shape[1]] * len(rows) if lengths is None else lengths.tolist()
        key = self.get_buffer("seed").cpu().numpy().tobytes()
        places = torch.arange(inputs.shape[1]).repeat(len(rows), 1)
        for row, (values, count) in enumerate(zip(rows, counts, strict=True)):
            content = blake2b(values[:count].tobytes(), digest_size=8, key=key).digest()
            places[row, :count] = torch.from_numpy(permutation(count, Key.steps(int.from_bytes(content))))
        return places.to(inputs.device)
