"""Words and punctuation, lower-cased; scripts written without spaces give a token per character."""

import unicodedata
from collections.abc import Iterable

from seqcli.data.tokenizer import SPECIALS, Trained, by_frequency, library

_IDEOGRAPHS = r"\p{Han}\p{Hiragana}"
_SYLLABLES = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_KATAKANA = r"\p{Katakana}ー"
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}_]&&[^{_IDEOGRAPHS}{_SYLLABLES}{_KATAKANA}]]"

PATTERN = "|".join(
    (
        rf"[{_IDEOGRAPHS}{_SYLLABLES}]\p{{M}}*",
        rf"[{_KATAKANA}]+",
        rf"{_LETTER}+(?:['’]{_LETTER}+)*",
        r"(?!\s)\X",
    )
)
"""What one token is, in this order: a Chinese, Japanese, Thai, Lao, Khmer or Burmese character; a run of
katakana; a word of letters and digits with its apostrophes; any other sign, an emoji whole."""


class Word:
    """The most frequent words of the training texts after NFC and lower-casing."""

    smallest = len(SPECIALS) + 1
    unit = "words"
    pattern = PATTERN

    def seen(self, text: str) -> str:
        """What it sees of a text: no letter case, and blanks only as what separates words."""
        return " ".join(unicodedata.normalize("NFC", text).lower().split())

    def train(self, texts: Iterable[str], vocab_size: int) -> Trained:
        """The tokenizer with the most frequent words of the texts, at most `vocab_size` ids in all."""
        hf = library()
        inner = hf.Tokenizer(hf.models.WordLevel(unk_token="[UNK]"))  # noqa: S106 a token of text
        inner.normalizer = hf.normalizers.Sequence([hf.normalizers.NFC(), hf.normalizers.Lowercase()])
        inner.pre_tokenizer = hf.pre_tokenizers.Split(hf.Regex(PATTERN), "removed", invert=True)
        return by_frequency(inner, texts, vocab_size)


TOKENIZER = Word()
