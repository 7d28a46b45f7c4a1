"""The encoding of text as ids: one contract for every tokenizer, the `tokenizers` library under it."""

import json
import os
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, runtime_checkable

from seqcli.data.tokenizer_json import WINDOWS, check_tokenizer
from seqcli.errors import DataError
from seqcli.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    import tokenizers
    from numpy.typing import NDArray

    from seqcli.data.plain_pieces import PieceIds, PlainPieces

PAD, UNK, BOS, EOS = 0, 1, 2, 3
"""The ids that every vocabulary reserves: padding, unknown, beginning and end of a sequence."""

SPECIALS = ("[PAD]", "[UNK]", "[BOS]", "[EOS]")
"""Their names in a saved vocabulary; text that spells one of them is ordinary text."""

# Enough for the library to encode a group in parallel, few enough that its encodings are held at ease.
_CHARACTERS_AT_ONCE = 2**20

_LOST = "\ufffd"
"""What decoding writes for bytes that are no character."""

_IDS_A_CHARACTER = 12
"""The most ids that are taken for one stretch: a character has four bytes at most, and pieces may overlap."""


def encoding_versions() -> dict[str, str]:
    """The versions of what turns text into ids: other ones may give other ids."""
    return {"tokenizers": version("tokenizers"), "unicode": unicodedata.unidata_version}


@dataclass(frozen=True)
class Windows:
    """Stretches of one length that may overlap, as symbols without blanks are read: k-mers.

    Args:
        size: Letters of a window.
        stride: Letters from the beginning of one to that of the next.
    """

    size: int
    stride: int

    def of(self, text: str) -> list[str]:
        """The windows of a text, blanks left out; letters at its end that fill none are one more token."""
        letters = _letters(text)
        starts = range(0, max(len(letters) - self.size, 0) + 1, self.stride)
        windows = [letters[start : start + self.size] for start in starts]
        rest = letters[starts[-1] + max(self.stride, self.size) :]
        return windows + ([rest] if rest else [])

    def lines(self, text: str) -> str:
        """The windows of a text, one a line: what the library takes for a text of words."""
        return "\n".join(self.of(text))

    def beginning(self, text: str, count: int) -> str:
        """The text as far as its first windows go."""
        if len(self.of(text)) <= count:
            return text
        letter_count = (count - 1) * self.stride + self.size
        ends = range(len(text) + 1)  # marks that join the last letter belong to it
        return text[: bisect_right(ends, letter_count, key=lambda end: len(_letters(text[:end]))) - 1]

    def mark(self, tokenizer: str) -> str:
        """A tokenizer's JSON that says that its tokens are these windows."""
        marked = {**json.loads(tokenizer), WINDOWS: {"size": self.size, "stride": self.stride}}
        return json.dumps(marked, ensure_ascii=False, sort_keys=True)

    @staticmethod
    def unmarked(tokenizer: str) -> str:
        """The same JSON as the library reads it."""
        record = json.loads(tokenizer)
        return json.dumps({key: value for key, value in record.items() if key != WINDOWS}, ensure_ascii=False)

    @classmethod
    def marked(cls, record: object) -> "Windows | None":
        """The windows that a tokenizer's JSON says; None where it says none."""
        record_windows = record.get(WINDOWS) if isinstance(record, dict) else None
        return (
            None
            if record_windows is None
            else cls(int(record_windows["size"]), int(record_windows["stride"]))
        )


def _letters(text: str) -> str:
    """A text after NFC without its blanks."""
    return "".join(normalised(text, lowercase=False).split())


@dataclass(frozen=True)
class Tokenizer:
    """A trained tokenizer; all of it is in its JSON, the format that `tokenizers` reads.

    Args:
        json: The tokenizer's JSON.
    """

    json: str

    @cached_property
    def _inner(self) -> "tokenizers.Tokenizer":
        # The library knows no windows: to it they are the lines of a text.
        of_lines = self.json if self.windows is None else Windows.unmarked(self.json)
        inner: tokenizers.Tokenizer = library().Tokenizer.from_str(of_lines)
        return inner

    @cached_property
    def _piece_ids(self) -> "PieceIds | None":
        """The ids of a text's pieces where those are found without the library; None where they are not."""
        from seqcli.data.plain_pieces import PieceIds, PlainPieces

        pieces = PlainPieces.of(self._inner, json.loads(self.json)) if self.windows is None else None
        known = self._inner.get_vocab(with_added_tokens=False)
        return None if pieces is None else PieceIds(pieces, known, UNK)

    @cached_property
    def windows(self) -> Windows | None:
        """The windows that its tokens are; None where a text is cut into pieces that do not overlap."""
        return Windows.marked(json.loads(self.json))

    @cached_property
    def of_characters(self) -> bool:
        """Return whether every token that it knows is one character."""
        known = self._inner.get_vocab(with_added_tokens=False)
        return all(len(token) == 1 for token, number in known.items() if number >= len(SPECIALS))

    @cached_property
    def of_bytes(self) -> bool:
        """Return whether it cuts texts into pieces of bytes, so that nothing is unknown."""
        return bool(json.loads(self.json)["model"]["type"] == "BPE")

    @property
    def vocab_size(self) -> int:
        """Return how many ids there are, the reserved ones included."""
        return self._inner.get_vocab_size(with_added_tokens=False)

    def encode(self, texts: Iterable[str]) -> Iterator["NDArray[np.int32]"]:
        """Each text's ids (T,) in order; a text without any token is one unknown token."""
        import numpy as np

        if self._piece_ids is not None:
            for text in texts:
                yield np.array(self._piece_ids(_whole_characters(text)) or [UNK], dtype=np.int32)
            return
        for batch in _batched(texts if self.windows is None else map(self.windows.lines, texts)):
            for encoding in self._inner.encode_batch_fast(batch, add_special_tokens=False):
                yield np.asarray(encoding.ids or [UNK], dtype=np.int32)

    def encode_blocks(
        self, texts: Iterable[str]
    ) -> Iterator[tuple["NDArray[np.int32]", "NDArray[np.int64]"]]:
        """The same, some texts at a time: their ids one after the other, and how many each has."""
        import numpy as np

        from seqcli.data.plain_pieces import NumberedTexts

        numbers = self._piece_ids
        if numbers is not None and isinstance(texts, NumberedTexts) and texts.numbered_by(numbers.pieces):
            yield from texts.encoded(numbers)
            return
        for ids in self.encode(texts):
            yield ids, np.array([len(ids)])

    def encode_spans(
        self, texts: Iterable[str]
    ) -> Iterator[tuple["NDArray[np.int32]", list[tuple[int, int, int]] | None]]:
        """The ids of each text, as `encode`, and its stretches, as `spans`: begin, end, and ids.

        The stretches are None where each id is one character.
        """
        import numpy as np

        if self._piece_ids is not None and not self._piece_ids.pieces.words:
            yield from ((ids, None) for ids in self.encode(texts))
            return
        for batch in _batched(texts):
            for text, encoding in zip(
                batch, self._inner.encode_batch(batch, add_special_tokens=False), strict=True
            ):
                stretches = _stretches(encoding.offsets) or [(0, len(text), 1)]
                yield np.asarray(encoding.ids or [UNK], dtype=np.int32), stretches

    def decode(self, ids: Sequence[int]) -> str:
        """The text that ids spell, reserved ids left out."""
        return str(self._inner.decode([int(i) for i in ids if i >= len(SPECIALS)], skip_special_tokens=False))

    def pieces(self, text: str) -> list[str]:
        """The stretches of the text that its ids stand for, one an id, as the text spells them."""
        if self.windows is not None:
            return self.windows.of(text)
        places = self._inner.encode(text, add_special_tokens=False).offsets
        return [text[start:end] for start, end in places] or [text]

    def spans(self, text: str) -> list[tuple[str, int]]:
        """The stretches of the text that people can read, and how many ids each takes, in order.

        An id may stand for some bytes of a character, or for the end of one and more: such ids are one
        stretch, which no character crosses.
        """
        if self.windows is not None:
            return [(piece, 1) for piece in self.windows.of(text)]
        offsets = self._inner.encode(text, add_special_tokens=False).offsets
        return [(text[start:end], count) for start, end, count in _stretches(offsets)] or [(text, 1)]

    def spelt(self, ids: Sequence[int]) -> list[tuple[str, int]]:
        """The same of ids alone: the texts that they spell together, and how many each takes.

        Ids that spell no character with those after them are '�' each, unknown ones '?'.
        """
        spans: list[tuple[str, int]] = []
        place = 0
        while place < len(ids):
            reserved = next((n for n, i in enumerate(ids[place:]) if i < len(SPECIALS)), len(ids) - place)
            sizes = range(1, min(reserved, _IDS_A_CHARACTER) + 1)
            whole = (n for n in sizes if _LOST not in self.decode(ids[place : place + n]))
            size = next(whole, 1) if reserved else 1
            spans.append((self.decode(ids[place : place + size]) if reserved else "?", size))
            place += size
        return spans

    def cut(self, texts: Iterable[str], max_len: int) -> Iterator[str]:
        """The beginning of each text that its first `max_len` ids stand for.

        A character of which only some ids remain is left out, for no method that reads letters can see it
        in part.
        """
        if self.windows is not None:
            yield from (self.windows.beginning(text, max_len) for text in texts)
            return
        for batch in _batched(texts):
            encodings = self._inner.encode_batch(batch, add_special_tokens=False)
            for text, encoding in zip(batch, encodings, strict=True):
                places = encoding.offsets
                if len(places) <= max_len:
                    yield text
                else:
                    yield text[: min(places[max_len - 1][1], places[max_len][0])]

    @cached_property
    def spaced(self) -> bool:
        """Return whether it spells its tokens with blanks between: it has no decoder that joins them."""
        return json.loads(self.json).get("decoder") is None

    def save(self) -> str:
        """The JSON that `load` takes."""
        return self.json

    @classmethod
    def load(cls, text: str) -> "Tokenizer":
        """The tokenizer that a JSON describes.

        Raises:
            DataError: The JSON does not describe a tokenizer with this program's reserved ids.
        """
        tokenizer = cls(text)
        try:
            check_tokenizer(json.loads(text), [WHOLE, *_patterns()])
            ids = [tokenizer._inner.token_to_id(name) for name in SPECIALS]
        except BaseException as error:
            if isinstance(error, DataError):
                raise
            # The library raises bare Exception for a bad JSON, and for its own panics a BaseException.
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            raise DataError(f"this is not a tokenizer's JSON: {str(error)[:200]}") from None
        if ids != [PAD, UNK, BOS, EOS]:
            raise DataError(f"this tokenizer's reserved ids are {ids}, not [0, 1, 2, 3]")
        return tokenizer


@dataclass(frozen=True)
class Trained:
    """A trained tokenizer and its counts.

    Args:
        tokenizer: The tokenizer.
        total: How many different tokens the training texts held, before the vocabulary was cut.
    """

    tokenizer: Tokenizer
    total: int


class Recipe(Protocol):
    """The training of one kind of tokenizer; each file of `seqcli.data.tokenizers` keeps one."""

    @property
    def smallest(self) -> int:
        """The fewest ids its vocabulary can have, the reserved ones included."""

    @property
    def pattern(self) -> str:
        """The regular expression by which it cuts texts; '' without one."""

    @property
    def unit(self) -> str:
        """The name of its tokens: 'words', 'characters', 'pieces'."""

    @property
    def lowercases(self) -> bool:
        """Return whether it takes upper-case letters for lower-case ones where nothing was said."""

    def normalised(self, text: str, *, lowercase: bool) -> str:
        """Return the part of a text that is kept: texts that keep the same are one text to a model."""

    @property
    def whole(self) -> "Recipe | None":
        """The recipe of such tokens that spell a text again, blanks included; None where none do."""

    def train(self, texts: Iterable[str], vocab_size: int, *, lowercase: bool = ...) -> Trained:
        """The tokenizer with the most frequent tokens of the texts, at most `vocab_size` ids in all.

        The same texts give the same bytes on any machine, whatever their order.
        """


@runtime_checkable
class Adjustable(Protocol):
    """A recipe with settings of its own, which stand behind its name: 'bpe:4000', 'kmer:3'."""

    def adjusted(self, settings: str) -> Recipe:
        """The recipe under these settings.

        Raises:
            ValueError: What it takes.
        """


@runtime_checkable
class Cutting(Protocol):
    """A recipe that cuts texts by a pattern, the same whatever the vocabulary."""

    def cutter(self, *, lowercase: bool) -> "tokenizers.Tokenizer":
        """The library's tokenizer as far as it cuts texts."""


def plain_pieces_of(recipe: Recipe, *, lowercase: bool) -> "PlainPieces | None":
    """The pieces of texts as a recipe cuts them, where those are found without the library."""
    from seqcli.data.plain_pieces import PlainPieces

    if not isinstance(recipe, Cutting):
        return None
    inner = recipe.cutter(lowercase=lowercase)
    return PlainPieces.of(inner, json.loads(inner.to_str()))


TOKENIZERS: Registry[Recipe] = Registry("tokenizer", "seqcli.data.tokenizers", "TOKENIZER")


def recipe_of(text: str) -> Recipe:
    """The recipe that a name, with or without settings of its own, means.

    >>> recipe_of("kmer:3").unit
    'k-mers'

    Raises:
        ValueError: It takes no settings, or none such.
        UsageError: No tokenizer has that name.
    """
    name, colon, settings = text.partition(":")
    recipe = TOKENIZERS.get(name)
    if not colon:
        return recipe
    if not isinstance(recipe, Adjustable):
        raise ValueError(name)  # noqa: TRY004 the text is wrong, no type
    return recipe.adjusted(settings)


def whole_number(text: str) -> int:
    """The number that ASCII digits spell.

    Raises:
        ValueError: Others are among them, or there are too many for any size.
    """
    # Nine digits stay below 2**31, the most that a vocabulary can hold.
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise ValueError(text)
    return int(text)


WHOLE = r"[^\n]+"
"""The pattern of a tokenizer that cuts nothing: what it is given is one token."""


def _patterns() -> list[str]:
    """The patterns by which the known tokenizers cut texts."""
    known = [TOKENIZERS.get(name) for name in TOKENIZERS.names()]
    return [recipe.pattern for each in known for recipe in (each, each.whole) if recipe is not None]


def vocabulary_facts(recipe: Recipe, vocab_size: int, total: int) -> dict[str, object]:
    """The fields of `DataFacts` that tell of a vocabulary.

    Args:
        recipe: How it was made.
        vocab_size: Its ids, the reserved ones included.
        total: How many different tokens there were to choose from.
    """
    return {
        "unit": recipe.unit,
        "vocabulary_kept": vocab_size - len(SPECIALS),
        "vocabulary_total": total,
    }


def own_words(words: Iterable[str], vocab_size: int, *, lowercase: bool) -> Trained:
    """The tokenizer of words that are cut already: each is one token, the most frequent ones are known.

    Args:
        words: The words of the training sentences, one after the other.
        vocab_size: The most ids, the reserved ones included.
        lowercase: Whether upper-case letters are taken for lower-case ones.
    """
    hf = library()
    inner = hf.Tokenizer(hf.models.WordLevel(unk_token=SPECIALS[UNK]))
    inner.normalizer = normalizer(lowercase=lowercase)
    inner.pre_tokenizer = hf.pre_tokenizers.Split(hf.Regex(WHOLE), "removed", invert=True)
    return by_frequency(inner, words, vocab_size)


def library() -> Any:
    """The `tokenizers` library, kept to one thread: legs run side by side, one thread each."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    import tokenizers

    return tokenizers


def normalizer(*, lowercase: bool) -> Any:
    """Return the normalisation before texts are cut: NFC, and lower-casing where that is wanted."""
    hf = library()
    forms = [hf.normalizers.NFC(), *([hf.normalizers.Lowercase()] if lowercase else [])]
    return hf.normalizers.Sequence(forms) if lowercase else forms[0]


def normalised(text: str, *, lowercase: bool) -> str:
    """A text as it is after `normalizer`."""
    composed = unicodedata.normalize("NFC", text)
    return composed.lower() if lowercase else composed


def by_frequency(inner: "tokenizers.Tokenizer", texts: Iterable[str], vocab_size: int) -> Trained:
    """A tokenizer whose tokens are the pieces its pre-tokenizer cuts, the most frequent ones known.

    Equally frequent pieces are taken in the order of their characters.

    Args:
        inner: The normalizer and the pre-tokenizer; its model is replaced.
        texts: The training texts.
        vocab_size: The most ids, the reserved ones included.
    """
    from seqcli.data.plain_pieces import NumberedTexts, PieceCounts, PlainPieces

    hf = library()
    pieces = PlainPieces.of(inner, json.loads(inner.to_str()))
    if pieces is not None:
        counts = PieceCounts()
        if isinstance(texts, NumberedTexts) and texts.numbered_by(pieces):
            texts.count(counts)
        else:
            for text in texts:
                counts.add(pieces(text))
        frequent, total = counts.most_frequent(vocab_size - len(SPECIALS))
        known = {token: number for number, token in enumerate((*SPECIALS, *frequent))}
        inner.model = hf.models.WordLevel(vocab=known, unk_token=SPECIALS[UNK])
        return Trained(Tokenizer(without_added_tokens(inner)), total=total)
    # All words, so that they are counted: people are told how many the vocabulary leaves out.
    trainer = hf.trainers.WordLevelTrainer(
        vocab_size=2**31, min_frequency=1, special_tokens=list(SPECIALS), show_progress=False
    )
    inner.model = hf.models.WordLevel(unk_token=SPECIALS[UNK])
    inner.train_from_iterator(texts, trainer)
    ranked = inner.get_vocab(with_added_tokens=False)
    vocabulary = {token: i for token, i in ranked.items() if i < vocab_size}
    inner.model = hf.models.WordLevel(vocab=vocabulary, unk_token=SPECIALS[UNK])
    return Trained(Tokenizer(without_added_tokens(inner)), total=len(ranked) - len(SPECIALS))


class WholePieces:
    """A tokenizer by a pattern that leaves nothing out: its most frequent pieces spell a text again."""

    smallest = len(SPECIALS) + 1
    lowercases = False
    unit: ClassVar[str]
    pattern: ClassVar[str]

    @property
    def whole(self) -> Self:
        """Itself: its pieces spell the text again."""
        return self

    def normalised(self, text: str, *, lowercase: bool) -> str:
        """Return the text as the tokenizer keeps it: every character."""
        return normalised(text, lowercase=lowercase)

    def cutter(self, *, lowercase: bool) -> "tokenizers.Tokenizer":
        """The library's tokenizer as far as it cuts texts."""
        hf = library()
        inner: tokenizers.Tokenizer = hf.Tokenizer(hf.models.WordLevel(unk_token=SPECIALS[UNK]))
        inner.normalizer = normalizer(lowercase=lowercase)
        inner.pre_tokenizer = hf.pre_tokenizers.Split(hf.Regex(self.pattern), "isolated")
        inner.decoder = hf.decoders.Fuse()
        return inner

    def train(self, texts: Iterable[str], vocab_size: int, *, lowercase: bool = lowercases) -> Trained:
        """The tokenizer with the most frequent pieces of the texts, at most `vocab_size` ids in all."""
        return by_frequency(self.cutter(lowercase=lowercase), texts, vocab_size)


def without_added_tokens(inner: "tokenizers.Tokenizer") -> str:
    """A tokenizer's JSON in which no spelling is special: a text that says '[PAD]' is just text."""
    record = json.loads(inner.to_str())
    record["added_tokens"] = []
    return json.dumps(record, ensure_ascii=False, sort_keys=True)


def _stretches(offsets: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """The stretches of a text that no character crosses: where each begins and ends, and its ids."""
    spans: list[tuple[int, int, int]] = []
    for start, end in offsets:
        if spans and start < spans[-1][1]:
            first, last, count = spans[-1]
            spans[-1] = (first, max(last, end), count + 1)
        else:
            spans.append((start, end, 1))
    return spans


def _whole_characters(text: str) -> str:
    """The text with '?' for each half of a surrogate pair."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _batched(texts: Iterable[str]) -> Iterator[list[str]]:
    """Texts in groups small enough that their encodings stay small; half surrogate pairs become '?'."""
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(_whole_characters(text))
        size += len(text)
        if size >= _CHARACTERS_AT_ONCE or len(batch) >= 1000:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
