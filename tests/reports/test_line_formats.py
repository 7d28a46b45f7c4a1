"""Answers to single texts: facts below, and the lines and notes that are made of them here."""

import json

import pytest

from seqcli.errors import UsageError
from seqcli.reports.line_formats import LINE_FORMATS, check_line_format, csv_lines
from seqcli.reports.words.notes import doubt_note
from seqcli.results.line_answers import Doubt, LabelledText, ScoredText, TaggedText, TranslatedText

LABEL = LabelledText(label="good\tfilm", probability=0.98765432)
TRANSLATION = TranslatedText(
    line=7, translations=[ScoredText(text="x", score=-0.5), ScoredText(text="y", score=-1.23456789)]
)


def test_a_label_is_a_line_of_text_or_of_json():
    assert LINE_FORMATS["text"](LABEL) == ["good\\tfilm\t0.9877"]
    assert [json.loads(line) for line in LINE_FORMATS["jsonl"](LABEL)] == [
        {"label": "good\tfilm", "probability": 0.987654}
    ]


def test_translations_are_ranked_lines_or_one_line_of_json():
    plain = LINE_FORMATS["text"](TRANSLATION, ranked=True, scores=True)
    assert plain == ["7\t1\t-0.5000\tx", "7\t2\t-1.2346\ty"]
    (line,) = LINE_FORMATS["jsonl"](TRANSLATION, ranked=True, scores=True)
    assert json.loads(line) == {
        "line": 7,
        "translations": [{"text": "x", "score": -0.5}, {"text": "y", "score": -1.234568}],
    }


def test_a_format_that_does_not_write_lines_is_refused_with_those_that_do():
    with pytest.raises(UsageError, match="unknown format 'csv'"):
        check_line_format("csv")
    assert check_line_format("csv", "csv") == "csv"


def test_labels_are_a_table_with_the_texts_and_no_formula():
    shares = {"good\tfilm": 0.98765432, "=1": 0.01234568}
    label = LabelledText(label="good\tfilm", probability=0.98765432, probabilities=shares)
    rows = csv_lines([("=SUM(A1), twice", label)], 0)
    assert rows == [
        "text,label,probability,good\tfilm,'=1",
        '"\'=SUM(A1), twice",good\tfilm,0.987654,0.987654,0.012346',
    ]
    assert csv_lines([("next", LABEL)], 1) == ["next,good\tfilm,0.987654"]
    words = TaggedText(words=["Ada", "works"], labels=["B-PER", "O"])
    assert csv_lines([("Ada works", words)], 0) == ["text,word,label", "1,Ada,B-PER", "1,works,O"]


def test_every_class_follows_the_label_that_is_said_the_likeliest_first():
    label = LabelledText(label="b", probability=0.5, probabilities={"a": 0.2, "b": 0.5, "c": 0.3})
    assert LINE_FORMATS["text"](label) == ["b\t0.5000\tc\t0.3000\ta\t0.2000"]


@pytest.mark.parametrize(
    ("doubt", "words"),
    [
        (Doubt("blank", "label"), "has no text: its label is what the model answers to an empty text"),
        (
            Doubt("unknown", "label", tokens=4),
            "has no word that the run knows (of 4): its label means nothing",
        ),
        (
            Doubt("unknown", "translation", tokens=2),
            "has no token that the run knows (of 2): its translation means nothing",
        ),
        (Doubt("cut", "label", limit=1000), "is longer than 1,000 characters: the rest is not read"),
        (
            Doubt("partly unknown", "translation", tokens=3, unknown=1),
            "has 1 unknown of 3 tokens: the run reads each as the same word",
        ),
    ],
)
def test_a_doubt_is_told_in_words(doubt, words):
    assert doubt_note(doubt) == words
