"""A trained language model read back from its run directory, writing on token by token."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from seqcli.data.kind import KINDS
from seqcli.data.tokenizer import BOS, SPECIALS, UNK, Tokenizer, normalised
from seqcli.models.architecture import DataShape
from seqcli.models.network import Network
from seqcli.training.predictor import usable_run

LOST = "\ufffd"
"""What decoding writes for bytes that are no whole character yet."""

MOST_HELD = 12
"""Tokens whose bytes are held back until they are characters; more never become any."""


@dataclass
class LanguageWriter:
    """A run's best weights, which say what comes next.

    Args:
        network: With its weights, in evaluation mode.
        tokenizer: The run's own.
        note: What a person should know of a run that is not finished.
    """

    network: Network
    tokenizer: Tokenizer
    note: str = ""

    @classmethod
    def open(cls, folder: Path) -> "LanguageWriter":
        """Read a run directory.

        Raises:
            RunError: As `usable_run`, or it is no language model's.
        """
        with usable_run(folder) as run:
            task = run.task
            if not KINDS.get(task.kind).writes_on:
                raise run.of_another_kind("writes no text on")
            shape = DataShape(task.kind, task.vocab_size, input_size=0, output_size=task.vocab_size)
            return cls(run.network(shape, Network), run.tokenizer, run.note)

    def unknown(self, prompt: str) -> list[str]:
        """The stretches of a prompt that training never showed, each once."""
        ids = self._ids(prompt)
        if not (ids == UNK).any():
            return []
        signs = self.tokenizer.pieces(normalised(prompt, lowercase=False))
        return list(dict.fromkeys(sign for sign, known in zip(signs, ids != UNK, strict=True) if not known))

    def _ids(self, text: str) -> NDArray[np.int32]:
        (ids,) = self.tokenizer.encode([text]) if text else (np.zeros(0, np.int32),)
        return ids

    @torch.no_grad()
    def tokens(
        self, prompt: str, *, length: int, temperature: float, top_p: float, seed: int
    ) -> Iterator[int]:
        """The ids that follow a prompt, each drawn after all before it; a pure function of its arguments.

        Args:
            prompt: What stands before; '' for the beginning of a text.
            length: How many.
            temperature: By what logits are divided; 0 takes the likeliest.
            top_p: The probability that the tokens to choose from have together, at least.
            seed: Of the draws.
        """
        generator = np.random.Generator(np.random.PCG64(seed))
        self.network.carry(np.zeros(1, np.bool_))
        read = [BOS, *self._ids(prompt).tolist()]
        for _ in range(length):
            inputs = torch.tensor([read])
            logits = self.network.going_on(inputs, torch.tensor([len(read)]))[0, -1]
            drawn = draw(logits.double().numpy(), temperature, top_p, generator.random())
            read = [drawn]
            yield drawn

    def pieces(
        self, prompt: str, *, length: int, temperature: float = 1.0, top_p: float = 1.0, seed: int = 0
    ) -> Iterator[str]:
        """The text that follows a prompt, in pieces of whole characters; arguments as for `tokens`."""
        pending: list[int] = []
        for token in self.tokens(prompt, length=length, temperature=temperature, top_p=top_p, seed=seed):
            pending.append(token)
            text = self.tokenizer.decode(pending)
            if not text.endswith(LOST) or len(pending) >= MOST_HELD:
                yield text
                pending = []
        if pending:
            yield self.tokenizer.decode(pending)


def draw(logits: NDArray[np.float64], temperature: float, top_p: float, chance: float) -> int:
    """One token; reserved ids are none.

    Args:
        logits: (V).
        temperature: By what they are divided; 0 takes the likeliest, the first of equals.
        top_p: Only the fewest likeliest tokens whose probabilities reach it are chosen from.
        chance: A uniform number from 0 to below 1.
    """
    first = len(SPECIALS)
    open_ones = logits[first:]
    if temperature == 0:
        return first + int(open_ones.argmax())
    chances = _softmax(open_ones, temperature)
    if top_p < 1:
        chances = nucleus(chances, top_p)
    places = np.cumsum(chances)
    drawn = int(np.searchsorted(places, chance * places[-1], side="right"))
    return first + min(drawn, int(np.flatnonzero(chances)[-1]))


def _softmax(logits: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Probabilities at a temperature, however small."""
    with np.errstate(over="ignore"):
        scaled = np.exp((logits - logits.max()) / temperature)
    shares: NDArray[np.float64] = scaled / scaled.sum()
    return shares


def nucleus(chances: NDArray[np.float64], top_p: float) -> NDArray[np.float64]:
    """The probabilities, 0 outside the smallest set of the likeliest tokens that reaches `top_p`.

    Of equally likely tokens the first are taken.

    Source: Holtzman et al., 'The curious case of neural text degeneration', 2020.
    """
    order = np.argsort(-chances, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(chances[order])[:-1]])
    nucleus_chances = np.zeros_like(chances)
    chosen = order[before < top_p]
    nucleus_chances[chosen] = chances[chosen]
    return nucleus_chances
