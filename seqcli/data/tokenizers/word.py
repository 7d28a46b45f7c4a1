"""Words and punctuation; scripts written without spaces give a token per character."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from seqcli.data.plain_pieces import WORDS
from seqcli.data.tokenizer import (
    SPECIALS,
    UNK,
    Trained,
    WholePieces,
    by_frequency,
    library,
    normalised,
    normalizer,
)

if TYPE_CHECKING:
    import tokenizers

WITH_BLANKS = rf" ?(?:{WORDS})|\s"
"""The same words, each with the blank before it; any further blank, and the end of a line, is a token."""


class Word:
    """The most frequent words of the training texts after NFC, lower-cased unless told otherwise."""

    smallest = len(SPECIALS) + 1
    unit = "words"
    lowercases = True
    pattern = WORDS

    @property
    def whole(self) -> "WordsWithBlanks":
        """Words that keep the blank before them."""
        return WordsWithBlanks()

    def normalised(self, text: str, *, lowercase: bool) -> str:
        """Return the text as the tokenizer keeps it: blanks only separate words."""
        return " ".join(normalised(text, lowercase=lowercase).split())

    def cutter(self, *, lowercase: bool) -> "tokenizers.Tokenizer":
        """The library's tokenizer as far as it cuts texts."""
        hf = library()
        inner: tokenizers.Tokenizer = hf.Tokenizer(hf.models.WordLevel(unk_token=SPECIALS[UNK]))
        inner.normalizer = normalizer(lowercase=lowercase)
        inner.pre_tokenizer = hf.pre_tokenizers.Split(hf.Regex(WORDS), "removed", invert=True)
        return inner

    def train(self, texts: Iterable[str], vocab_size: int, *, lowercase: bool = lowercases) -> Trained:
        """The tokenizer with the most frequent words of the texts, at most `vocab_size` ids in all."""
        return by_frequency(self.cutter(lowercase=lowercase), texts, vocab_size)


class WordsWithBlanks(WholePieces):
    """The most frequent words of a text after NFC, each with the blank before it: they spell it again."""

    unit = "words"
    pattern = WITH_BLANKS


TOKENIZER = Word()
