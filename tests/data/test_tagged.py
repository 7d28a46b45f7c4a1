"""Files of labelled words: CoNLL, CoNLL-U and two columns; what is refused, with its line."""

import json
import re
import weakref

import numpy as np
import pytest

from seqcli.data import data_words, stored_sentences
from seqcli.data.config import DataConfig
from seqcli.data.encoded_sentences import entities, entity_counts, f1, spells_entities
from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.data.kind import KINDS, own_kind
from seqcli.data.stored_sentences import StoredSentences, in_order_of_words, picked
from seqcli.data.tagged import Sentence, TaggedFile
from seqcli.data.tagged_lines import tagged_source
from seqcli.errors import DataError, UsageError

KIND = KINDS.get("tag")
TWO = "I\tPRP\nwork\tVBP\n\nAnna\tNNP\nworks\tVBZ\nhere\tRB\n"


@pytest.fixture
def read(written):
    def sentences(content, name="x.conll", **options):
        location = written(name, content)
        return list(TaggedFile(location, DataConfig(data=location, **options)).sentences())

    return sentences


def pairs(sentences):
    return [list(zip(sentence.words, sentence.labels, strict=True)) for sentence in sentences]


def test_two_columns_are_words_and_labels_and_a_blank_line_parts_sentences(read):
    result = read(TWO)
    assert pairs(result) == [
        [("I", "PRP"), ("work", "VBP")],
        [("Anna", "NNP"), ("works", "VBZ"), ("here", "RB")],
    ]
    assert [item.line for item in result] == [1, 4]


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_ends_of_lines_and_of_the_file_change_nothing(read, end, line_end):
    whole = (TWO.rstrip() + end).replace("\n", line_end)
    assert pairs(read(whole)) == pairs(read(TWO))


def test_conll_2003_has_the_word_first_and_the_entity_last(read):
    content = "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n# # I-NP O\n"
    assert pairs(read(content)) == [[("EU", "B-ORG"), ("rejects", "O"), ("#", "O")]]


CONLLU = """# sent_id = 1
# text = Vámonos al mar
1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tVamos\tir\tVERB\t_\t_\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_
2.1\tnada\t_\tX\t_\t_\t_\t_\t_\t_
3\tmar\tmar\tNOUN\t_\t_\t1\tobl\t_\t_
"""


def test_conll_u_has_form_and_part_of_speech_without_ranges_and_empty_nodes(read):
    assert pairs(read(CONLLU, "x.conllu")) == [[("Vamos", "VERB"), ("nos", "PRON"), ("mar", "NOUN")]]


def test_other_columns_are_named_by_number(read):
    (result,) = read(CONLLU, "x.conllu", text_column="3", label_column="8")
    assert (result.words, result.labels) == (("ir", "nosotros", "mar"), ("root", "obj", "obl"))
    with pytest.raises(UsageError, match="no header"):
        read(TWO, label_column="tag")
    with pytest.raises(UsageError, match="--label-column 3"):
        read(TWO, label_column="3")


def test_a_word_with_a_blank_is_one_word_where_tabs_part_the_columns(read):
    assert pairs(read("New York\tLOC\n# of\tO\n#\tO\n")) == [[("New York", "LOC"), ("# of", "O"), ("#", "O")]]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("I\tPRP\nwork\n", "line 2 has 1 field, fewer than the 2"),
        ("I PRP\nwork VBP X\n", "line 2 has 3 fields, more than the 2"),
        ("word\nother\n", "line 1 has one field, 'word'"),
        ("I\tPRP\nwork\t\n", "line 2: the label is empty"),
        ("I\tPRP\n\tVBP\n", "line 2: the word is empty"),
        ("", "is empty"),
        ("\n\n", "holds no sentence"),
        ("# only a comment\n", "holds no sentence"),
    ],
)
def test_a_line_that_does_not_fit_is_named(read, content, says):
    with pytest.raises(DataError, match=says):
        read(content)


def test_bytes_of_another_encoding_are_told(tmp_path):
    path = tmp_path / "x.conll"
    path.write_bytes("Zoë\tNNP\n".encode("latin-1"))
    with pytest.raises(DataError, match="is not utf-8"):
        list(TaggedFile(str(path), DataConfig(data=str(path))).sentences())
    read = TaggedFile(str(path), DataConfig(data=str(path), encoding="latin-1")).sentences()
    assert [sentence.words for sentence in read] == [("Zoë",)]


def many(count=40):
    """Sentences of 2 to 5 words; the last word of each is one of a kind."""
    lines = []
    for number in range(count):
        lines += [f"w{number % 7}\tA"] * (1 + number % 4) + [f"x{number}\tB", ""]
    return "\n".join(lines)


def test_labels_and_ids_stay_with_their_words(written, make):
    prepared = make(data=written("x.conll", many()))
    assert (prepared.kind, prepared.metric, prepared.labels) == ("tag", "word_accuracy", ("A", "B"))
    assert prepared.facts.sizes == {"train": 32, "valid": 4, "test": 4}
    for name, split in prepared.splits.items():
        for text, right in zip(prepared.texts(name), split.right_labels(), strict=True):
            assert right == ["B" if word.startswith("x") else "A" for word in text.split("\n")]


def test_padding_is_no_answer_and_changes_no_score(written, make):
    split = make(data=written("x.conll", many())).splits["train"]
    ids, lengths, targets = split.rows(np.arange(len(split)))
    beyond = np.arange(ids.shape[1]) >= lengths[:, None]
    assert beyond.any()
    assert (targets[beyond] == NO_ANSWER).all()
    result = np.where(beyond, 1, np.where(targets == NO_ANSWER, 0, targets))
    assert split.score(result) == 1.0
    result[0, 0] ^= 1
    assert split.score(result) == pytest.approx(1 - 1 / lengths.sum())  # of all words: no mean of means


def test_repeated_sentences_are_dropped_before_the_split(written, make):
    prepared = make(data=written("x.conll", many() + "\n" + many()))
    assert (prepared.facts.read, prepared.facts.duplicates) == (80, 40)
    texts = [text for name in prepared.splits for text in prepared.texts(name)]
    assert len(set(texts)) == len(texts)


def test_a_label_that_only_the_test_file_has_is_refused_with_its_place(written, make):
    train, test = written("train.conll", many()), written("test.conll", "w1\tA\n\nw2\tC\n")
    with pytest.raises(DataError, match=r"line 3: the label 'C'"):
        make(train=train, test=test)


def test_max_len_cuts_training_and_reads_the_test_sentences_whole(written, make):
    prepared = make(data=written("x.conll", many()), max_len=2)
    assert prepared.splits["train"].lengths.max() == 2
    assert prepared.splits["test"].lengths.sum() == sum(len(t.split("\n")) for t in prepared.texts("test"))
    assert "sentences" in data_words.cut_sentence(prepared.facts)


def test_one_label_or_a_tokenizer_that_cuts_words_is_refused(written, make):
    with pytest.raises(DataError, match="has the label 'A'"):
        make(data=written("x.conll", "a\tA\n\nb\tA\n"))
    with pytest.raises(UsageError, match="--tokenizer char would cut words"):
        make(data=written("y.conll", many()), tokenizer="char")
    with pytest.raises(UsageError, match="needs labels of entities"):
        make(data=written("z.conll", many()), metric="entity_F1")


def test_kind_names_what_a_tsv_cannot_tell(written, make):
    assert make(data=written("x.tsv", many()), kind="tag").kind == "tag"


def test_words_keep_their_letter_case_unless_lower_case_is_asked_for(written, make):
    train = written("train.conll", "Polish\tA\npolish\tB\n")
    held = {"valid": written("valid.conll", "polish\tB\n"), "test": written("test.conll", "POLISH\tA\n")}
    actual, lowered = (make(train=train, **held, lowercase=case).facts for case in (None, True))
    assert (actual.vocabulary_total, lowered.vocabulary_total) == (2, 1)
    assert (actual.unknown["test"], lowered.unknown["test"]) == (1.0, 0.0)


# What seqeval 1.2.2 gives for these, in its default mode; its get_entities agreed with ours on 60,000 random
# sentences of seven labels of the BIO and IOBES families.
RIGHT = [
    ["I-B", "I-A", "I-A", "I-B", "O", "B-B", "B-A"],
    ["O", "B-A", "O", "I-A", "B-B", "B-A", "B-B"],
    ["I-B", "O", "I-B", "B-A", "O", "B-A", "B-B"],
    ["I-A", "B-A", "B-B", "B-A", "O", "B-A", "I-B"],
]
SAID = [
    ["I-B", "O", "I-A", "B-A", "O", "B-A", "B-A"],
    ["O", "B-A", "B-A", "I-A", "B-B", "I-A", "B-B"],
    ["I-B", "I-A", "I-B", "B-A", "O", "B-A", "I-A"],
    ["I-A", "B-A", "B-B", "B-A", "I-A", "B-A", "I-A"],
]


def test_entity_f1_is_seqevals():
    rows = [{"label": right, "predicted": item} for right, item in zip(RIGHT, SAID, strict=True)]
    expected = 0.5853658536585366
    assert f1(np.sum([entity_counts(a, b) for a, b in zip(RIGHT, SAID, strict=True)], axis=0)) == expected
    assert {metric.name: metric.value(rows) for metric in KIND.metrics}["entity_F1"] == expected


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["B-P", "I-P", "O", "B-L"], [("P", 0, 1), ("L", 3, 3)]),
        (["B-P", "B-P", "I-L"], [("P", 0, 0), ("P", 1, 1), ("L", 2, 2)]),
        (["O", "I-P", "I-P"], [("P", 1, 2)]),
        (["S-P", "B-L", "E-L", "I-L"], [("P", 0, 0), ("L", 1, 2), ("L", 3, 3)]),
        (["B", "I", "B", "B"], [("", 0, 1), ("", 2, 2), ("", 3, 3)]),
        (["O", "O"], []),
    ],
)
def test_entities_are_whole_stretches_of_one_type(labels, found):
    assert list(entities(labels)) == found


def test_labels_spell_entities_only_where_all_are_of_the_bio_family():
    assert spells_entities(["O", "B-PER", "I-PER"])
    assert spells_entities(["B", "I"])
    assert not spells_entities(["O", "NN"])
    assert not spells_entities(["O", "I"])
    assert [further_metric.name for further_metric in KIND.further_metrics(["B-P", "O"])] == ["entity_F1"]
    assert KIND.further_metrics(["NN", "VB"]) == ()


@pytest.mark.parametrize(("metric", "score"), [(None, 4 / 5), ("entity_F1", 2 / 3)])
def test_a_split_is_scored_as_validation_goes_by_the_metric_that_was_chosen(written, make, metric, score):
    """Of five words one is wrong; of two entities one is found, and one is said: precision 1, recall 1/2."""
    train = written("train.conll", "Ann\tB-P\nBell\tI-P\nsaw\tO\nBob\tB-P\n\nsaw\tO\n")
    valid = written("valid.conll", "Ann\tB-P\nBell\tI-P\nsaw\tO\nit\tO\nBob\tB-P\n")
    prepared = make(train=train, valid=valid, test=valid, metric=metric)
    number = {label: place for place, label in enumerate(prepared.labels)}
    result = np.array([[number[label] for label in ("B-P", "I-P", "O", "O", "O")]])
    assert prepared.splits["valid"].score(result) == pytest.approx(score)


LINES = """{"tokens": ["I", "work"], "tags": ["PRP", "VBP"], "id": 7}

{"tokens": ["Anna", "works", "here"], "tags": ["NNP", "VBZ", "RB"]}
"""


@pytest.fixture
def read_lines(written):
    def sentences(content, **options):
        location = written("x.jsonl", content)
        return list(tagged_source(location, DataConfig(data=location, **options)).sentences())

    return sentences


def test_json_lines_hold_a_list_of_words_beside_one_of_labels(read, read_lines):
    sentences = read_lines(LINES)
    assert pairs(sentences) == pairs(read(TWO))
    assert [sentence.line for sentence in sentences] == [1, 3]


def test_lists_of_other_names_are_named_and_labels_may_be_whole_numbers(read_lines):
    (sentence,) = read_lines('{"toks": ["a", "b"], "ids": [0, 3]}\n', text_column="toks", label_column="ids")
    assert (sentence.words, sentence.labels) == (("a", "b"), ("0", "3"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"tokens": ["a", "b"], "tags": ["x"]}', "line 2: 2 words under 'tokens' and 1 labels under 'tags'"),
        ('{"toks": ["a"], "tags": ["x"]}', "line 2 has no list of words; its keys: 'toks', 'tags'"),
        ('{"tokens": ["a"], "gold": ["x"]}', "line 2 has no list of labels; its keys: 'tokens', 'gold'"),
        ('{"tokens": "a b", "tags": ["x"]}', "line 2: 'tokens' is not a list"),
        ('{"tokens": ["a", " "], "tags": ["x", "y"]}', "line 2: ' ' under 'tokens' is no word"),
        ('{"tokens": ["a"], "tags": [null]}', "line 2: 'None' under 'tags' is no label"),
        ('["a"]', "line 2 is a list"),
    ],
)
def test_a_line_that_is_no_labelled_sentence_is_refused_with_its_number(read_lines, line, says):
    with pytest.raises(DataError, match=re.escape(says)):
        read_lines('{"tokens": ["fine"], "tags": ["x"]}\n' + line + "\n")


def test_json_lines_of_words_and_labels_are_known_without_a_kind_and_texts_are_none(written):
    tagged, texts = written("t.jsonl", LINES), written("c.jsonl", '{"tokens": "a b", "label": "x"}\n')
    assert own_kind(DataConfig(data=tagged)) == "tag"
    assert own_kind(DataConfig(data=texts)) == "classify"


@pytest.mark.parametrize(("words", "runs"), [(10, 3), (10, 200), (10**6, 200)])
def test_sentences_on_disk_are_put_in_the_order_of_their_words_as_sorted_has_them(monkeypatch, words, runs):
    monkeypatch.setattr(stored_sentences, "WORDS_AT_ONCE", words)
    monkeypatch.setattr(stored_sentences, "RUNS_AT_ONCE", runs)
    draw = np.random.default_rng(5)
    sentences = [
        Sentence(tuple(f"w{n}ä\n" for n in draw.integers(0, 4, length)), tuple(map(str, range(length))), line)
        for line, length in enumerate(draw.integers(1, 4, 200).tolist())
    ]
    stored = StoredSentences(iter(sentences))
    expected = sorted(sentences, key=lambda sentence: (sentence.words, sentence.labels))

    assert list(stored) == sentences
    assert (stored[7], stored[-1], stored[3:5]) == (sentences[7], sentences[-1], sentences[3:5])
    assert list(in_order_of_words(stored)) == expected
    some = picked(stored, np.array([190, 3, 50]))
    assert list(in_order_of_words(some)) == sorted(
        some, key=lambda sentence: (sentence.words, sentence.labels)
    )


def test_no_more_than_one_sentence_of_a_file_is_held_while_it_is_read(written):
    alive, most = weakref.WeakSet(), 0
    path = written("x.conll", "".join(f"word{n}\tA\n\n" for n in range(500)))

    def watched():
        nonlocal most
        for sentence in TaggedFile(path, DataConfig(data=path)).sentences():
            alive.add(sentence)
            most = max(most, len(alive))
            yield sentence

    assert len(StoredSentences(watched())) == 500
    assert most <= 2  # the one that is written, and the next


def test_words_that_join_to_the_same_text_are_no_repeats(make, written):
    same = [{"tokens": ["a b", f"c{n}"], "tags": ["X", "Y"]} for n in range(20)]
    parted = [{"tokens": ["a", f"b c{n}"], "tags": ["X", "Y"]} for n in range(20)]
    path = written("x.jsonl", "".join(json.dumps(each) + "\n" for each in (*same, *parted)))
    assert (make(data=path).facts.examples, make(data=path).facts.duplicates) == (40, 0)
