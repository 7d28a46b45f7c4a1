"""The settings of search; imports no torch, so that a command line is checked at once."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from seqcli.config.settings import Allowed, NonNegativeFloat, NonNegativeInt, PositiveInt, Settings, clash

Width = Annotated[PositiveInt, Field(le=1000), Allowed("a whole number from 1 to 1,000")]
"""How many hypotheses are kept."""


class SearchConfig(Settings):
    """The settings of search."""

    beam: Width = 5
    """Hypotheses kept at each step; 1 takes the likeliest word each time."""
    length_penalty: NonNegativeFloat = 1.0
    """α: hypotheses are ranked by log-probability / ((5 + n) / 6)^α, n their words (Wu et al., 2016)."""
    n_best: Width = 1
    """Hypotheses told of each sentence, the best first."""
    max_output_len: PositiveInt | None = None
    """Most tokens of an output; None is three times the source's and 20."""
    no_repeat_ngram: NonNegativeInt = 0
    """Tokens in a row that no output holds twice; 0 allows all."""
    scores: bool = False
    """Whether scores are told; greedy search is faster without."""

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.n_best > self.beam:
            raise clash("n_best cannot be more than beam: raise beam", "n_best", "beam")
        return self

    @property
    def is_greedy(self) -> bool:
        """Return whether taking the likeliest word each time is all there is to do."""
        return self.beam == 1 and not self.no_repeat_ngram and not self.scores

    def normalised(self, log_probability: float, words: int) -> float:
        """Return the scores by which hypotheses are ranked."""
        return log_probability / float(((5 + words) / 6) ** self.length_penalty)
