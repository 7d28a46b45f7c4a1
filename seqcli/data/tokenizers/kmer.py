"""k-mers: every k letters that follow each other, as sequences of DNA and proteins are read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from seqcli.data.tokenizer import SPECIALS, Tokenizer, Trained, Windows, normalised, own_words, whole_number
from seqcli.data.tokenizer_json import LARGEST_WINDOW


@dataclass(frozen=True)
class Kmer:
    """The most frequent k-mers of the training sequences; letters of any kind, N and R and X too, are kept.

    Upper and lower case are one by default: in files of genomes lower case marks repeats, not other letters.

    Args:
        windows: Their size, and how far the next one is: 1 where 'kmer:3' says no other, as in 'kmer:3:3'.
    """

    windows: Windows = field(default=Windows(3, 1))

    smallest: ClassVar[int] = len(SPECIALS) + 1
    unit: ClassVar[str] = "k-mers"
    lowercases: ClassVar[bool] = True
    pattern: ClassVar[str] = ""

    @property
    def whole(self) -> None:
        """None: windows that overlap do not spell a text."""
        return

    def adjusted(self, settings: str) -> "Kmer":
        """The recipe of k-mers of this size, and of this stride behind a second colon.

        Raises:
            ValueError: One is no whole number from 1 to `LARGEST_WINDOW`.
        """
        size, *stride = (whole_number(part) for part in settings.split(":"))
        numbers = (size, *(stride or [1]))
        if len(numbers) != 2 or not all(1 <= number <= LARGEST_WINDOW for number in numbers):
            raise ValueError(settings)
        return Kmer(Windows(*numbers))

    def normalised(self, text: str, *, lowercase: bool) -> str:
        """Return the sequence as the tokenizer keeps it: without blanks."""
        return "".join(normalised(text, lowercase=lowercase).split())

    def train(self, texts: Iterable[str], vocab_size: int, *, lowercase: bool = lowercases) -> Trained:
        """The tokenizer with the most frequent k-mers of the texts, at most `vocab_size` ids in all."""
        trained = own_words(map(self.windows.lines, texts), vocab_size, lowercase=lowercase)
        return Trained(Tokenizer(self.windows.mark(trained.tokenizer.json)), trained.total)


TOKENIZER = Kmer()
