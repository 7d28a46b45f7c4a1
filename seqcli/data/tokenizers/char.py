"""Characters: each Unicode code point after NFC is a token, blanks included."""

from collections.abc import Iterable

from seqcli.data.tokenizer import SPECIALS, Trained, by_frequency, library, normalised, normalizer


class Char:
    """The most frequent characters of the training texts after NFC."""

    smallest = len(SPECIALS) + 1
    unit = "characters"
    lowercases = False
    pattern = r"[\s\S]"

    @property
    def whole(self) -> "Char":
        """Itself: characters spell the text again."""
        return self

    def normalised(self, text: str, *, lowercase: bool) -> str:
        """Return the text as the tokenizer keeps it: every character."""
        return normalised(text, lowercase=lowercase)

    def train(self, texts: Iterable[str], vocab_size: int, *, lowercase: bool = lowercases) -> Trained:
        """The tokenizer with the most frequent characters of the texts, at most `vocab_size` ids in all."""
        hf = library()
        inner = hf.Tokenizer(hf.models.WordLevel(unk_token="[UNK]"))  # noqa: S106 a token of text
        inner.normalizer = normalizer(lowercase=lowercase)
        inner.pre_tokenizer = hf.pre_tokenizers.Split(hf.Regex(self.pattern), "isolated")
        inner.decoder = hf.decoders.Fuse()
        return by_frequency(inner, texts, vocab_size)


TOKENIZER = Char()
