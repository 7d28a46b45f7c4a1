"""Words by a vector of their own beside one from their letters, which a word never seen has, too."""

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import conv1d

from seqcli.data.letters import LETTER_FEATURES
from seqcli.data.letters import PAD as NO_LETTER

LETTER_SIZE = 32
"""The width of a letter's vector: with those of Ma & Hovy (2016), 30, of a size."""

SPAN = 5
"""Letters that a feature looks at: an ending, or a beginning, with its mark."""


class LetterVectors(nn.Module):
    """One vector (F) for each word from the ids of its letters, by a convolution (Ma & Hovy, 2016).

    v = max over places of relu(W * e + b), e the letters' vectors; what stands beyond a word's end changes
    nothing, for its vectors are 0 as are those beyond any end.

    Args:
        letters: How many ids letters may have, 0 that of none.
    """

    def __init__(self, letters: int) -> None:
        super().__init__()
        self.letters: nn.Embedding = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
            torch.zeros(letters, LETTER_SIZE), freeze=False, padding_idx=NO_LETTER
        )
        self.weight = nn.Parameter(torch.zeros(LETTER_FEATURES, LETTER_SIZE, SPAN))
        self.bias = nn.Parameter(torch.zeros(LETTER_FEATURES))

    def initialise(self, *, generator: Generator) -> None:
        """Letters as token vectors are, N(0, 1 / size); Glorot's weights (2010), biases 0."""
        with torch.no_grad():
            self.letters.weight.normal_(0.0, LETTER_SIZE**-0.5, generator=generator)
            self.letters.weight[NO_LETTER] = 0
        nn.init.xavier_uniform_(self.weight, generator=generator)
        nn.init.zeros_(self.bias)

    def forward(self, ids: Tensor) -> Tensor:
        """The vectors (…, F) of words with letters (…, L)."""
        words = ids.reshape(-1, ids.shape[-1])
        features = conv1d(
            self.letters(words).transpose(1, 2), self.weight, self.bias, padding=SPAN // 2
        ).relu()  # (N, F, L)
        most = features.masked_fill((words == NO_LETTER).unsqueeze(1), 0.0).amax(dim=2)
        return most.reshape(*ids.shape[:-1], -1)


class LetteredEmbedding(nn.Embedding):
    """A vector (E + F) for each word: of its id, and from its letters.

    Args:
        words: A vector (E) for each of V ids.
        letters: How many ids letters may have.
    """

    def __init__(self, words: nn.Embedding, letters: int) -> None:
        super().__init__(
            words.num_embeddings, words.embedding_dim, padding_idx=words.padding_idx, _weight=words.weight
        )
        self.by_letters = LetterVectors(letters)

    def forward(self, inputs: Tensor) -> Tensor:
        """The vectors (…, E + F) of words as (…, 1 + L): an id, then those of its letters."""
        return torch.cat([super().forward(inputs[..., 0]), self.by_letters(inputs[..., 1:])], dim=-1)
