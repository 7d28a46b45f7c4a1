"""From one text to a folder of prepared data: its parts, their ids, and what each stretch of them holds.

The parts are contiguous: what is tested on comes after all that is learnt from. Nothing is held in memory but
a line and the vocabulary.
"""

import math
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data import data_words
from seqcli.data.config import DataConfig
from seqcli.data.corpus import PartedCorpus
from seqcli.data.encoded_stream import SCORED_STEPS, SPELLING, StreamWriter
from seqcli.data.facts import DataFacts, StreamFacts
from seqcli.data.files import ending
from seqcli.data.kind import KINDS
from seqcli.data.metric import Metric
from seqcli.data.prepared import SPLITS, PreparedRecord, seal
from seqcli.data.tokenizer import SPECIALS, UNK, Recipe, Tokenizer, recipe_of
from seqcli.data.tokenizer_spelling import Spelling
from seqcli.errors import DataError, UsageError

STREAM_KIND = "generate"
"""The kind of such tasks."""

TABLE_ENDINGS = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson")
"""Names of tables, which as running text are mostly separators and repeated keys."""

BPTT = 100
"""Steps of truncated back-propagation where nothing is said."""

HELD_OUT = 0.1
"""The share of the characters that validation and test take each, from the text's end."""

PIECE = 2**16
"""The most characters that are encoded together; a longer line is cut."""

LONGEST_WORD = 20
"""Characters a word on average, above which blanks do not part words."""

Lines = Callable[[], Iterator[str]]
"""Reads a text anew, line by line, the ends of lines kept."""


@dataclass(frozen=True, kw_only=True)
class StreamCorpus(PartedCorpus[Lines]):
    """A text before anything is decided about it.

    Args:
        warnings: What a person should know of how it was put together.
    """

    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextPart:
    """Some characters of a text that follow each other.

    Args:
        lines: The whole text.
        start: The first character, from 0, as they are counted after NFC.
        end: The first one that is not in it.
    """

    lines: Lines
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def pieces(self) -> Iterator[str]:
        """Its characters in NFC, in pieces of at most one line and at most `PIECE`."""
        place = 0
        for raw in self.lines():
            line = unicodedata.normalize("NFC", raw)
            first, last = max(self.start - place, 0), min(self.end - place, len(line))
            for cut in range(first, last, PIECE):
                yield line[cut : min(cut + PIECE, last)]
            place += len(line)


def divide_text(corpus: StreamCorpus) -> dict[str, TextPart]:
    """The three parts; missing ones are taken off the end of the text to learn from.

    Raises:
        DataError: A text is empty.
    """
    sizes = {name: _characters(lines, corpus.files[name]) for name, lines in corpus.parts.items()}
    parts = {name: TextPart(corpus.parts[name], 0, size) for name, size in sizes.items()}
    missing = [name for name in SPLITS[1:] if name not in parts]
    held_out = int(HELD_OUT * sizes["train"])
    end = sizes["train"] - held_out * len(missing)
    parts["train"] = TextPart(corpus.parts["train"], 0, end)
    for name in missing:
        parts[name] = TextPart(corpus.parts["train"], end, end + held_out)
        end += held_out
    return {name: parts[name] for name in SPLITS}


def _characters(lines: Lines, name: str) -> int:
    """Return how many characters a text has after NFC.

    Raises:
        DataError: It has none but blanks.
    """
    count, blank = 0, True
    for line in lines():
        count += len(unicodedata.normalize("NFC", line))
        blank = blank and not line.strip()
    if blank:
        raise DataError(f"{name} holds only blanks", "A text to learn from holds words.")
    return count


def build_stream(corpus: StreamCorpus, config: DataConfig, folder: Path) -> None:
    """Fill an empty folder with the text, ready for training; the vocabulary is that of its first part.

    Raises:
        DataError: There is too little to learn from.
        OSError: The folder cannot be written.
    """
    bptt = config.bptt or BPTT
    parts = divide_text(corpus)
    recipe = whole_recipe(config.tokenizer)
    _check_long_enough(corpus, parts, bptt)
    trained = recipe.train(parts["train"].pieces(), config.vocab_size, lowercase=False)
    steps = {"train": bptt, "valid": SCORED_STEPS, "test": SCORED_STEPS}
    spelling = _spelling(parts["train"], trained.tokenizer)
    written = {
        name: _write(part, trained.tokenizer, spelling, StreamWriter(folder, name, steps[name]))
        for name, part in parts.items()
    }
    if written["train"].tokens < bptt:
        raise DataError(
            f"{corpus.files['train']}: {written['train'].tokens:,} {recipe.unit} to learn from are fewer than"
            f" the {bptt:,} steps of --bptt",
            "Give more text, or say a smaller --bptt.",
        )
    metric = KINDS.get(STREAM_KIND).scored_by(config.metric)
    _check_words(metric, written["test"])
    record = PreparedRecord(
        name=corpus.name,
        kind=STREAM_KIND,
        vocab_size=trained.tokenizer.vocab_size,
        output_size=trained.tokenizer.vocab_size,
        max_len=bptt,
        tokenizer=config.tokenizer,
        metric=metric.name,
        reading=dict(steps),
    )
    sizes = {name: math.ceil(part.tokens / steps[name]) for name, part in written.items()}
    facts = DataFacts(
        source=corpus.source,
        licence=corpus.licence,
        sha256=corpus.sha256,
        read=sum(map(len, parts.values())),
        class_counts={name: {"stretches": count} for name, count in sizes.items()},
        called="stretches",
        unit=recipe.unit,
        length_mean=float(bptt),
        length_p95=float(bptt),
        length_max=bptt,
        max_len=bptt,
        vocabulary_kept=record.vocab_size - len(SPECIALS),
        vocabulary_total=trained.total,
        unknown={name: part.unknown / part.tokens for name, part in written.items()},
        warnings=(
            *corpus.warnings,
            *(
                data_words.table_as_text(name)
                for name in corpus.files.values()
                if ending(name) in TABLE_ENDINGS
            ),
        ),
        stream=StreamFacts(
            characters={name: len(part) for name, part in parts.items()},
            tokens={name: part.tokens for name, part in written.items()},
            unit=recipe.unit,
            unknown=written["test"].unknown,
            bptt=bptt,
            spelling=written["test"].spelling,
        ),
    )
    seal(folder, record, facts, trained.tokenizer.save())


def whole_recipe(tokenizer: str) -> Recipe:
    """The recipe whose tokens spell a text again: only then are bits a character the text's.

    Raises:
        UsageError: There is none.
    """
    recipe = recipe_of(tokenizer).whole
    if recipe is None:
        raise UsageError(
            f"--tokenizer {tokenizer} does not spell a text again, and bits per character are the text's",
            "Say --tokenizer char, word or bpe; perplexity per word is told for each.",
        )
    return recipe


def _spelling(train: "TextPart", tokenizer: Tokenizer) -> Spelling | None:
    """The cost of words that the vocabulary lacks; None where tokens are characters or bytes."""
    if tokenizer.of_characters or tokenizer.of_bytes:
        return None
    return Spelling.of(train.pieces(), words=sum(map(len, tokenizer.encode(train.pieces()))))


def _check_long_enough(corpus: StreamCorpus, parts: Mapping[str, TextPart], bptt: int) -> None:
    """Refuse a text that leaves a part without a stretch, before it is encoded.

    Raises:
        DataError: Names the part.
    """
    for name, part in parts.items():
        if len(part) < (bptt if name == "train" else 1):
            raise DataError(
                f"{corpus.files.get(name, corpus.files['train'])}: {len(part):,} characters are too few for"
                f" {name} ({'at least --bptt, ' + format(bptt, ',') if name == 'train' else 'at least one'})",
                "Give more text, or say a smaller --bptt.",
            )


@dataclass(frozen=True)
class _Written:
    """Counts of a part that was written."""

    tokens: int
    unknown: int
    words: int
    characters: int
    spelling: float | None


def _check_words(metric: Metric, test: _Written) -> None:
    """Refuse a score by the word of a text that blanks do not part.

    Raises:
        UsageError: Names the score.
    """
    usual = KINDS.get(STREAM_KIND).metric
    if metric is not usual and test.characters > LONGEST_WORD * test.words:
        raise UsageError(
            f"--metric {metric.name} needs words with blanks between, and the test text has {test.words:,} in"
            f" {test.characters:,} characters",
            f"Leave it out: {usual.name} counts characters.",
        )


def _write(part: TextPart, tokenizer: Tokenizer, spelling: Spelling | None, writer: StreamWriter) -> _Written:
    """Write a part's ids, and what its stretches hold.

    Args:
        part: Which.
        tokenizer: What cuts it.
        spelling: What a word costs that the vocabulary lacks; None where tokens are no words.
        writer: Where to.

    Raises:
        OSError: The disk is full or broken.
    """
    unknown, begun, blank_before, spelt = 0, 0, True, 0.0
    for piece, ids, characters in _encoded(part.pieces(), tokenizer):
        blanks = _blanks(piece)
        begins = ~blanks & np.concatenate([[blank_before], blanks[:-1]])
        blank_before = bool(blanks[-1])
        total = np.concatenate([[0], np.cumsum(begins)])
        ends = np.cumsum(characters)
        words = total[ends] - total[ends - characters]
        counts = {"characters": characters, "words": words}
        if spelling is not None:
            counts[SPELLING] = _spelt(piece, ids, characters, spelling)
            spelt += float(counts[SPELLING].sum())
        writer.append(ids, counts)
        unknown += int((ids == UNK).sum())
        begun += int(begins.sum())
    writer.close()
    return _Written(len(writer), unknown, begun, len(part), None if spelling is None else spelt)


def _spelt(
    piece: str, ids: NDArray[Any], characters: NDArray[np.int64], spelling: Spelling
) -> NDArray[np.float64]:
    """Return the bits in which each unknown word of a piece is spelt (n); 0 for the others."""
    bits = np.zeros(len(ids))
    ends = np.cumsum(characters)
    for place in np.flatnonzero(ids == UNK).tolist():
        bits[place] = spelling.bits(piece[int(ends[place] - characters[place]) : int(ends[place])])
    return bits


_BLANKS = np.array([chr(point).isspace() for point in range(0x3000 + 2)])
"""Which code points are blanks, up to the last one, an ideographic space, and one that is none."""


def _blanks(piece: str) -> NDArray[np.bool_]:
    """Return which characters of a piece are blanks (n)."""
    points = np.frombuffer(piece.encode("utf-32-le", "surrogatepass"), np.uint32)
    return _BLANKS[np.minimum(points, len(_BLANKS) - 1)]


def _encoded(
    pieces: Iterator[str], tokenizer: Tokenizer
) -> Iterator[tuple[str, NDArray[Any], NDArray[np.int64]]]:
    """Each piece with its ids, and how many of its characters each id ends; a few in memory at a time.

    Some bytes of a character end none.
    """
    waiting: deque[str] = deque()

    def passed() -> Iterator[str]:
        for piece in pieces:
            waiting.append(piece)
            yield piece

    for ids, spans in tokenizer.encode_spans(passed()):
        piece = waiting.popleft()
        if spans is None or (len(ids) == len(piece) and (piece.isascii() or tokenizer.of_characters)):
            yield piece, ids, np.ones(len(ids), np.int64)
            continue
        ends = np.zeros(len(ids), np.int64)
        ends[np.cumsum([count for _, _, count in spans]) - 1] = [end - start for start, end, _ in spans]
        yield piece, ids, ends
