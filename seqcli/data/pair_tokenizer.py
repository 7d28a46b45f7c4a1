"""The ids of both sides of a translation: one vocabulary for both, or one each."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from seqcli.data.scratch_texts import PickedTexts
from seqcli.data.tokenizer import EOS, PAD, Tokenizer, recipe_of
from seqcli.data.tokenizer_json import separate_sides

_BEFORE = re.compile(r" ([,.;:!?)\]}%’”»]|'(?=\w))")
_AFTER = re.compile(r"([(\[{¿¡“«]) ")


@dataclass(frozen=True)
class PairTokenizer:
    """The two sides' tokenizers.

    Args:
        source: Spells what is read.
        target: Spells what is written; the same object where the vocabulary is shared.
    """

    source: Tokenizer
    target: Tokenizer

    @property
    def shared(self) -> bool:
        """Return whether both sides have the same ids."""
        return self.source is self.target

    @classmethod
    def train(
        cls,
        name: str,
        sides: tuple[Callable[[], Iterable[str]], ...],
        *,
        vocab_size: int,
        joint: bool,
        lowercase: bool = False,
    ) -> "tuple[PairTokenizer, int]":
        """Tokenizers of one kind, learnt from the training split, and how many source tokens it tells apart.

        Args:
            name: The kind: 'word', 'char', 'bpe'.
            sides: Give the sources' and the targets' texts.
            vocab_size: The most ids of each vocabulary.
            joint: Whether there is one vocabulary for both.
            lowercase: Whether upper-case letters become lower-case ones: translations hold none then.
        """
        recipe = recipe_of(name)
        if joint:
            both = recipe.train(_together([side() for side in sides]), vocab_size, lowercase=lowercase)
            return cls(both.tokenizer, both.tokenizer), both.total
        source, target = (recipe.train(side(), vocab_size, lowercase=lowercase) for side in sides)
        return cls(source.tokenizer, target.tokenizer), source.total

    def save(self, name: str) -> str:
        """The JSON that `load` takes; a shared vocabulary's is the tokenizer's own."""
        if self.shared:
            return self.source.json
        sides = {"source": json.loads(self.source.json), "target": json.loads(self.target.json), "kind": name}
        return json.dumps(sides, ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> "PairTokenizer":
        """The tokenizers that a JSON describes.

        Raises:
            DataError: It does not describe any.
        """
        sides = separate_sides(text)
        if sides is None:
            both = Tokenizer.load(text)
            return cls(both, both)
        source, target = map(Tokenizer.load, sides)
        return cls(source, target)

    def write(self, ids: Sequence[int]) -> str:
        """The text that target ids spell, up to their end."""
        spelt = list(ids)
        spelt = spelt[: spelt.index(EOS)] if EOS in spelt else [i for i in spelt if i != PAD]
        text = self.target.decode(spelt).strip()
        return closed_up(text) if self.target.spaced else text


def _together(sides: Sequence[Iterable[str]]) -> Iterable[str]:
    """The texts of all sides, one side after the other."""
    picked = [side for side in sides if isinstance(side, PickedTexts)]
    if len(picked) == len(sides):
        return PickedTexts(tuple(part for side in picked for part in side.parts))
    return (text for side in sides for text in side)


def closed_up(text: str) -> str:
    """Words and signs with a blank between each, as people write them."""
    return _AFTER.sub(r"\1", _BEFORE.sub(r"\1", text))
