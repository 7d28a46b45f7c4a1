import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from seqcli.data.kind import KINDS
from seqcli.models.baseline import BASELINES
from seqcli.models.baselines.bow import BagOfWords
from seqcli.models.baselines.kmers import BagOfKmers
from seqcli.models.baselines.majority import Majority
from seqcli.models.baselines.word_tag import WordTag
from seqcli.models.baselines.word_window import WordWindow

every_baseline = pytest.mark.parametrize("name", sorted(KINDS.get("classify").baselines))

TEXTS = ["a good film", "good , good fun", "so good", "a bad film", "bad , bad bore", "so bad"]
LABELS = ["pos"] * 3 + ["neg"] * 3


def test_bag_of_words_and_majority_are_there() -> None:
    assert {"bow", "majority"} <= set(BASELINES.names())


@every_baseline
def test_one_known_label_comes_back_for_each_text(name: str) -> None:
    predicted = BASELINES.get(name)().fit(TEXTS, LABELS).predict(["good", "", "unheard of", "\u202e\x00"])
    assert len(predicted) == 4
    assert set(predicted) <= set(LABELS)
    assert all(type(label) is str for label in predicted)


@every_baseline
def test_fitting_twice_predicts_the_same(name: str) -> None:
    unseen = ["good bad", "film", "a so", "fun bore"]
    first, again = (BASELINES.get(name)().fit(TEXTS, LABELS).predict(unseen) for _ in range(2))
    assert first == again


@every_baseline
def test_texts_that_are_all_empty_are_no_fault(name: str) -> None:
    assert BASELINES.get(name)().fit(["", "", ""], ["a", "b", "b"]).predict(["", "x"]) == ["b", "b"]


@every_baseline
def test_no_texts_have_no_labels(name: str) -> None:
    assert BASELINES.get(name)().fit(TEXTS, LABELS).predict([]) == []


def test_majority_takes_the_most_frequent_label_and_of_equals_the_first_in_the_alphabet() -> None:
    assert Majority().fit(["x"] * 3, ["b", "c", "c"]).predict(["y", "z"]) == ["c", "c"]
    assert Majority().fit(["x"] * 4, ["b", "b", "a", "a"]).predict(["y"]) == ["a"]


def test_bag_of_words_goes_by_the_words() -> None:
    bow = BagOfWords().fit(TEXTS, LABELS)
    assert bow.predict(["what a good bore", "GOOD !", "such bad fun , bad"]) == ["pos", "pos", "neg"]


def test_bag_of_words_goes_by_pairs_of_words_too() -> None:
    """The words are the same: only which stands beside which tells."""
    texts = ["good not bad", "bad not good"]
    assert BagOfWords().fit(texts * 3, ["pos", "neg"] * 3).predict(texts) == ["pos", "neg"]


def test_bag_of_words_takes_more_than_two_classes() -> None:
    bow = BagOfWords().fit([*TEXTS, "dull", "so dull"], [*LABELS, "flat", "flat"])
    assert bow.predict(["dull", "good", "bad"]) == ["flat", "pos", "neg"]


@pytest.mark.parametrize(
    ("liked", "hated"), [("我 爱", "我 恨"), ("영화 굿", "영화 헐"), ("🙂", "🙁"), ("!", "?")]
)
def test_single_letters_and_signs_of_any_script_count(liked: str, hated: str) -> None:
    bow = BagOfWords().fit([liked, hated] * 3, ["pos", "neg"] * 3)
    assert bow.predict([liked, hated]) == ["pos", "neg"]


def test_a_word_gets_its_usual_tag_and_a_new_one_that_of_words_seen_once() -> None:
    words = [["can", "we", "can"], ["a", "can", "rusts"]]
    tags = [["MD", "PRP", "MD"], ["DT", "NN", "VBZ"]]
    predictions = WordTag().fit(words, tags).predict([["can", "we", "fish"], []])
    assert predictions == [
        ["MD", "PRP", "DT"],
        [],
    ]  # DT, PRP and VBZ are seen once: DT is first in the alphabet


@pytest.mark.parametrize(("classes", "most"), [("ab", 0.005), ("abcdefghijkl", 0.03)])
def test_a_bag_of_stretches_is_solved_so_that_further_steps_change_nothing(classes: str, most: float) -> None:
    """The truth is scikit-learn's own solver at a thousandth of its usual tolerance."""
    rng = np.random.default_rng(0)
    letters = list("ACDEFGHIKLMNPQRSTVWY")
    motifs = ["".join(rng.choice(letters, 4)) for _ in range(60)]
    texts = [motifs[n % 60].join("".join(rng.choice(letters, 5)) for _ in range(2)) for n in range(360)]
    labels = [classes[n % len(classes)] for n in range(300)]
    bag = BagOfKmers().fit(texts[:300], labels)
    exact = LogisticRegression(C=10, tol=1e-7, max_iter=2000).fit(bag.weights.transform(texts[:300]), labels)
    expected = exact.predict_proba(bag.weights.transform(texts[300:]))
    assert np.array([list(each.values()) for each in bag.shares(texts[300:])]) == pytest.approx(
        expected, abs=most
    )


def around(words: list[str], place: int) -> dict[str, str]:
    """The words from three before to three after, by their distance."""
    padded = ["<end>"] * 3 + words + ["<end>"] * 3
    return {str(distance): padded[place + 3 + distance] for distance in range(-3, 4)}


def test_a_window_of_words_is_a_regression_on_each_word_at_its_place() -> None:
    random = np.random.default_rng(0)
    sentences = [[str(word) for word in random.integers(0, 6, random.integers(1, 9))] for _ in range(60)]
    labels = [
        [str(int(words[place - 1]) % 3 if place else 0) for place in range(len(words))] for words in sentences
    ]  # that of the word before
    table = DictVectorizer()
    rows = table.fit_transform([around(words, place) for words in sentences for place in range(len(words))])
    alone = LogisticRegression(max_iter=300).fit(rows, [label for each in labels for label in each])
    new = [["1", "2", "unheard", "0"], [], ["5"]]
    expected = [
        alone.predict(table.transform([around(words, n) for n in range(len(words))])).tolist()
        if words
        else []
        for words in new
    ]
    method = WordWindow().fit(sentences, labels)
    assert method.predict(new) == expected
    right = [a == b for known, item in zip(labels, method.predict(sentences), strict=True)
             for a, b in zip(known, item, strict=True)]  # fmt: skip
    assert np.mean(right) > 0.95


def test_a_window_of_words_says_the_only_label_there_is_and_nothing_of_nothing() -> None:
    method = WordWindow().fit([["a", "b"]], [["X", "X"]])
    assert method.predict([["c"], []]) == [["X"], []]
    assert WordWindow().fit([["a", "b"]], [["X", "Y"]]).predict([[]]) == [[]]


def test_long_texts_are_thinned_out_for_the_regression_and_keep_two_labels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seqcli.models.stepwise_regression.MOST_NUMBERS", 100)
    method = WordWindow().fit([["a", "b"] * 40], [["X", "Y"] * 40])
    assert method.predict([["a", "b", "a"]]) == [["X", "Y", "X"]]


@pytest.mark.parametrize("name", KINDS.names())
def test_a_kind_that_labels_each_step_has_a_constant_answer_and_a_window_beside_its_models(name: str) -> None:
    kind = KINDS.get(name)
    labels_steps = kind.architecture == "many-to-many" and kind.classified is not None
    ends = {baseline.rpartition("-")[2] for baseline in kind.baselines}
    assert not labels_steps or {"majority", "window"} <= ends
