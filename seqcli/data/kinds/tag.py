"""A label for every word of a sentence.

What is resampled, and what a verdict counts as examples, are sentences: words of one sentence are not
independent. A score is still over all words, or over all entities, of the split, as the field has it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.encoded_sentences import (
    EncodedSentences,
    entity_counts,
    entity_counts_by_type,
    f1,
    spells_entities,
)
from seqcli.data.files import ending
from seqcli.data.kind import Examples, Kind, NewTexts, OwnData, ReadyData, split_of
from seqcli.data.letters import ALPHABET, Alphabet, WordLetters
from seqcli.data.metric import POINT, AnswerRow, Metric, Sums
from seqcli.data.tagged import SUFFIXES
from seqcli.data.tokenizer import UNK, Tokenizer
from seqcli.registry import later
from seqcli.results.line_answers import TaggedText
from seqcli.runs import strict_json


def prediction_lines(prepared: ReadyData, outputs: NDArray[Any]) -> Iterator[bytes]:
    """Words, their labels and the likeliest ones of each test sentence."""
    split = split_of(prepared, "test", EncodedSentences)
    rows = zip(prepared.texts("test"), split.right_labels(), split.predicted_labels(outputs), strict=True)
    return (
        strict_json.line(
            {"example": number, "words": text.split("\n"), "label": right, "predicted": predicted}
        )
        for number, (text, right, predicted) in enumerate(rows)
    )


def examples(prepared: ReadyData, split: str) -> Examples:
    """The words of each sentence, and their labels."""
    sentences = split_of(prepared, split, EncodedSentences)
    words = [text.split("\n") for text in prepared.texts(split)]
    right = list(sentences.right_labels())
    return [words_of_text[: len(labels)] for words_of_text, labels in zip(words, right, strict=True)], right


class WordReader:
    """A label for each word of new texts: blanks part words, unless all words were single characters."""

    def read(
        self,
        texts: Sequence[str],
        tokenizer: Tokenizer,
        max_len: int,  # noqa: ARG002 the contract's argument
        reading: Mapping[str, object],
    ) -> NewTexts:
        """The texts as ids, whole."""
        words = [
            [sign for sign in text if not sign.isspace()] if tokenizer.of_characters else text.split()
            for text in texts
        ]
        flat = tokenizer.encode(word for words_of_text in words for word in words_of_text)
        ids = [[int(next(flat)[0]) for _ in words_of_text] for words_of_text in words]
        letters = None
        if ALPHABET in reading:
            spelt = [word for words_of_text in words for word in (words_of_text or [""])]
            letters = WordLetters.of(Alphabet(str(reading[ALPHABET])), spelt)
        return NewTexts(
            split=EncodedSentences.of([np.array(text_ids or [UNK], np.int32) for text_ids in ids], letters),
            pieces=words,
            tokens=[max(len(text_ids), 1) for text_ids in ids],
            known=[sum(number != UNK for number in text_ids) for text_ids in ids],
        )

    def answer(self, output: NDArray[Any], piece: Any, labels: tuple[str, ...]) -> TaggedText:
        """The likeliest label of each word, from class numbers (T)."""
        return TaggedText(words=piece, labels=[labels[number] for number in output[: len(piece)].tolist()])


def _word_counts(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 they are given
    """Words that are right, and words, of each sentence."""
    return [
        [
            float(
                sum(
                    right == predicted
                    for right, predicted in zip(row["label"], row["predicted"], strict=True)
                )
            ),
            float(len(row["label"])),
        ]
        for row in rows
    ]


def _entity_counts(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 they are given
    return [entity_counts(row["label"], row["predicted"]) for row in rows]


WORDS = Metric(
    "word_accuracy",
    higher_is_better=True,
    margin=POINT,
    most=1.0,
    sums=Sums(_word_counts, lambda sums: sums[0] / sums[1]),
)
ENTITIES = Metric("entity_F1", higher_is_better=True, margin=POINT, most=1.0, sums=Sums(_entity_counts, f1))


def _by_type(rows: Sequence[AnswerRow]) -> dict[str, tuple[int, int, int]]:
    """The entities of each type, where the labels spell any."""
    if not spells_entities(label for row in rows for label in row["label"]):
        return {}
    return entity_counts_by_type((row["label"], row["predicted"]) for row in rows)


def _meant(config: OwnData) -> bool:
    """Return whether the file's name, or the lists of its first JSON line, say a label for every word."""
    from seqcli.data.config import DataConfig

    if ending(config.location or "") in SUFFIXES:
        return True
    if config.location is None or config.pairs or not isinstance(config, DataConfig):
        return False
    from seqcli.data.tagged_lines import holds_sentences

    return holds_sentences(config.location, config)


KIND = Kind(
    chains_labels=True,
    entities=_by_type,
    defaults={"bidirectional": True},
    architecture="many-to-many",
    metrics=(WORDS, ENTITIES),
    open_split=lambda folder, name: EncodedSentences.open_scored(folder, name, by_entity=ENTITIES.name),
    prediction_lines=prediction_lines,
    own=later("seqcli.data.tag_task", "OwnSentences"),
    meant=_meant,
    baselines={
        "step-majority": "majority class",
        "word-tag": "word's usual tag",
        "word-window": "words around",
    },
    examples=examples,
    reader=WordReader(),
    use='seqcli predict . "a text"',
    further_metrics=lambda labels: (ENTITIES,) if spells_entities(labels) else (),
    classified=lambda rows: (
        pair for row in rows for pair in zip(row["label"], row["predicted"], strict=True)
    ),
)
