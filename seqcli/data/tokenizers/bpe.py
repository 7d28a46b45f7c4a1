"""Byte-pair encoding over UTF-8 bytes (Sennrich et al. 2016; Radford et al. 2019): nothing is unknown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from seqcli.data.tokenizer import (
    SPECIALS,
    Tokenizer,
    Trained,
    library,
    normalised,
    normalizer,
    whole_number,
    without_added_tokens,
)


@dataclass(frozen=True)
class Bpe:
    """Pieces merged from bytes by frequency in the training texts after NFC; case is kept by default.

    Args:
        size: The most ids, the reserved ones included, where 'bpe:4000' says it; None leaves it to others.
    """

    size: int | None = None

    smallest: ClassVar[int] = len(SPECIALS) + 256
    unit: ClassVar[str] = "pieces"
    lowercases: ClassVar[bool] = False
    pattern: ClassVar[str] = ""

    @property
    def whole(self) -> "Bpe":
        """Itself: bytes spell the text again."""
        return self

    def adjusted(self, settings: str) -> "Bpe":
        """The recipe of a vocabulary of this size.

        Raises:
            ValueError: It is no whole number, or too small for the bytes.
        """
        size = whole_number(settings)
        if size < self.smallest:
            raise ValueError(settings)
        return Bpe(size)

    def normalised(self, text: str, *, lowercase: bool) -> str:
        """Return the text as the tokenizer keeps it: every character."""
        return normalised(text, lowercase=lowercase)

    def train(self, texts: Iterable[str], vocab_size: int, *, lowercase: bool = lowercases) -> Trained:
        """The tokenizer whose merges the texts teach, at most `vocab_size` ids in all.

        A pair seen once is not merged, so small data gives fewer ids.
        """
        hf = library()
        inner = hf.Tokenizer(hf.models.BPE())
        inner.normalizer = normalizer(lowercase=lowercase)
        inner.pre_tokenizer = hf.pre_tokenizers.ByteLevel(add_prefix_space=False)
        inner.decoder = hf.decoders.ByteLevel()
        trainer = hf.trainers.BpeTrainer(
            vocab_size=self.size or vocab_size,
            min_frequency=2,
            special_tokens=list(SPECIALS),
            initial_alphabet=sorted(hf.pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        inner.train_from_iterator(texts, trainer)
        tokenizer = Tokenizer(without_added_tokens(inner))
        return Trained(tokenizer, total=tokenizer.vocab_size - len(SPECIALS))


TOKENIZER = Bpe()
