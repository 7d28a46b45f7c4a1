"""Generated tasks: the published definitions, checked against their own words and hand arithmetic."""

import math
from collections import Counter

import numpy as np
import pytest

from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.data_words import definition_sentences
from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.data.prepared import SPLITS, Prepared, prepare
from seqcli.data.task import TASKS, choose_task, flat_settings, recorded_task
from seqcli.errors import UsageError

SMALL = {
    "adding": {"length": 12, "test_length": 30, "examples": 300, "held_out": 200},
    "copy": {"length": 7, "test_length": 11, "examples": 300, "held_out": 200},
    "temporal-order": {"length": 20, "test_length": 40, "examples": 300, "held_out": 200},
    "anbn": {"length": 6, "test_length": 15, "examples": 300},
}
GENERATED = pytest.mark.parametrize("name", SMALL)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A function that prepares a small generated task; keywords are its settings."""
    cache = Cache(tmp_path_factory.mktemp("cache"))

    def make(name: str, config: DataConfig | None = None, **settings: object) -> Prepared:
        task = type(TASKS.get(name)).model_validate({"name": name, **SMALL[name], **settings})
        return prepare(task, config or DataConfig(), cache)

    return make


@GENERATED
def test_the_same_settings_give_the_same_data_and_another_seed_gives_other(made, tmp_path, name):
    again = prepare(
        type(TASKS.get(name)).model_validate({"name": name, **SMALL[name]}), DataConfig(), Cache(tmp_path)
    )
    assert made(name).sha256 == again.sha256
    assert made(name, data_seed=1).sha256 != again.sha256


@GENERATED
def test_train_and_test_lengths_may_differ_and_the_flag_outranks_the_setting(made, name):
    def longest(prepared: Prepared) -> list[int]:
        return [int(prepared.splits[split].lengths.max()) for split in SPLITS]

    extra = {"copy": lambda n: n + 20, "anbn": lambda n: 2 * n, "temporal-order": lambda n: n + n // 10}
    steps = extra.get(name, lambda n: n)
    sizes = SMALL[name]
    trained, tested = steps(sizes["length"]), steps(sizes["test_length"])
    assert longest(made(name)) == [trained, trained, tested]
    result = made(name, DataConfig(length=10), test_length=None)
    assert longest(result)[:2] == [steps(10)] * 2
    assert result.sha256 == made(name, length=10, test_length=None).sha256


@GENERATED
def test_no_split_repeats_another(made, name):
    prepared = made(name, test_length=None)
    if name == "anbn":
        pytest.skip("there is one string for each n")
    train, test = (prepared.splits[split].rows(np.arange(50)) for split in ("train", "test"))
    width = min(train.inputs.shape[1], test.inputs.shape[1])
    first, second = (each.inputs[:, :width].reshape(50, -1) for each in (train, test))
    assert not (first == second).all(axis=1).any()


@GENERATED
def test_the_page_and_the_facts_tell_variant_source_and_criterion(made, name):
    definition = made(name).facts.definition
    page = TASKS.get(name).page
    assert definition is not None
    assert any(year in definition.source and year in page.source for year in ("1997", "2016", "2001"))
    assert any("solved" in method for method, _ in page.baselines)
    assert definition_sentences(definition)[-1].startswith(f"solved: test {definition.criterion.words}")


@GENERATED
def test_a_task_s_settings_survive_a_run_s_configuration(name):
    task = type(TASKS.get(name)).model_validate({"name": name, **SMALL[name]})
    assert recorded_task(flat_settings(task)) == task
    assert choose_task(task, DataConfig()) is task


def test_adding_has_one_marker_in_each_half_and_their_values_sum(made):
    for split in SPLITS:
        inputs, lengths, targets = made("adding").splits[split].rows(np.arange(150))
        values, markers = inputs[..., 0], inputs[..., 1]
        half = int(lengths[0]) // 2
        assert set(np.unique(markers)) == {0.0, 1.0}
        assert (markers[:, :half].sum(axis=1) == 1).all()
        assert (markers[:, half:].sum(axis=1) == 1).all()
        assert targets == pytest.approx((values * markers).sum(axis=1))
        assert 0 <= values.min() < 0.01
        assert 0.99 < values.max() < 1


def test_adding_s_markers_fall_on_every_step_alike(made):
    inputs = made("adding", examples=20_000).splits["train"].rows(np.arange(20_000)).inputs
    share = inputs[..., 1].mean(axis=0)
    assert share == pytest.approx(np.full(12, 1 / 6), abs=0.012)


def test_adding_s_constant_baseline_is_the_variance_of_a_sum_of_two(made):
    definition = made("adding", held_out=20_000).facts.definition
    assert definition.baseline.scores["test"] == pytest.approx(1 / 6, abs=0.003)
    assert definition.criterion.met(0.0099)
    assert not definition.criterion.met(0.01)
    assert not definition.criterion.met(math.nan)


def test_copy_shows_ten_symbols_waits_signals_and_wants_them_back(made):
    prepared = made("copy")
    inputs, lengths, targets = prepared.splits["test"].rows(np.arange(150))
    symbols = inputs[:, :10] - 1
    assert (lengths == 11 + 20).all()
    assert set(np.unique(symbols)) == set(range(8))
    assert (inputs[:, 10:20] == 9).all(), "T - 1 blanks"
    assert (inputs[:, 20] == 10).all(), "the signal"
    assert (inputs[:, 21:] == 9).all()
    assert (targets[:, :21] == 8).all()
    assert (targets[:, 21:] == symbols).all()
    assert (prepared.vocab_size, prepared.output_size) == (11, 9)


def test_copy_s_baseline_is_ten_ln_8_over_t_plus_20(made):
    definition = made("copy").facts.definition
    assert definition.baseline.scores["valid"] == pytest.approx(10 * math.log(8) / 27, abs=1e-12)
    assert definition.baseline.scores["test"] == pytest.approx(10 * math.log(8) / 31, abs=1e-12)
    assert definition.criterion.threshold == pytest.approx(math.log(8) / 31)


def test_temporal_order_is_decided_by_the_two_signals_within_the_published_windows(made):
    prepared = made("temporal-order", length=100, test_length=None)
    for split in SPLITS:
        targets = prepared.splits[split].targets
        for text, target in zip(prepared.texts(split), targets, strict=True):
            symbols = text.split()
            places = [place for place, symbol in enumerate(symbols) if symbol in "XY"]
            assert len(places) == 2
            assert 10 <= places[0] <= 20
            assert 50 <= places[1] <= 60
            assert "".join(symbols[place] for place in places) == prepared.labels[target]
            assert (symbols[0], symbols[-1]) == ("E", "B")
            assert set(symbols[1:-1]) <= set("abcdXY")
            assert 100 <= len(symbols) <= 110
        assert min(Counter(targets.tolist()).values()) > len(targets) / 6


def test_a_b_c_is_told_after_every_symbol_of_a_n_b_n(made):
    prepared = made("anbn")
    inputs, lengths, targets = prepared.splits["valid"].rows(np.array([2, 0]))
    assert lengths.tolist() == [6, 2]
    assert inputs.tolist() == [[1, 1, 1, 2, 2, 2], [1, 2, 0, 0, 0, 0]]
    assert targets.tolist() == [[0, 0, 0, 1, 1, 2], [0, 2, *[NO_ANSWER] * 4]]
    train, test = prepared.splits["train"], prepared.splits["test"]
    assert set((train.lengths // 2).tolist()) == set(range(1, 7))
    assert (test.lengths // 2).tolist() == list(range(1, 16))


def test_the_largest_n_ends_at_the_first_string_that_is_refused(made):
    split = made("anbn").splits["test"]
    result = split.targets.copy()
    assert split.score(result) == 15
    result[9, 0] = 2
    result[12, 3] = 0
    assert split.score(result) == 9
    result[0, 1] = 1
    assert split.score(result) == 0
    beyond = split.targets.copy()
    beyond[beyond == NO_ANSWER] = 1
    assert split.score(beyond) == 15, "what is said beyond a string's end does not count"


def test_what_is_tested_on_counting_lies_beyond_what_was_learnt(made):
    with pytest.raises(ValueError, match="test_length must lie beyond length"):
        made("anbn", length=6, test_length=6)
    assert int(made("anbn", test_length=None).splits["test"].lengths.max()) == 2 * 4 * 6


def test_a_task_s_own_settings_are_checked_like_all_others(seqcli):
    ran = seqcli("train", "gru", "--task", "adding", "--set", "task.lenth=5")
    assert ran.code == 2
    assert "unknown setting task.lenth; did you mean" in ran.err
    ran = seqcli("train", "gru", "--task", "adding", "--set", "task.length=1")
    assert ran.code == 2
    assert "--set task.length" in ran.err
    assert "a whole number from 2 to 10,000" in ran.err
    ran = seqcli("train", "gru", "--task", "adding", "--length", "1")
    assert ran.code == 2
    assert "from 2 to 10,000" in ran.err
    ran = seqcli("train", "gru", "--task", "sentiment", "--set", "task.length=5")
    assert ran.code == 2
    assert "unknown setting task.length" in ran.err


def test_a_task_s_settings_come_from_yaml_and_the_environment_too(seqcli, tmp_path, monkeypatch):
    (tmp_path / "exp.yaml").write_text("task: {name: adding, length: 30}\nmodel: gru\n", encoding="utf-8")
    monkeypatch.setenv("SEQCLI_TASK__TEST_LENGTH", "60")
    shown = seqcli("train", "-c", "exp.yaml", "--print-config").out
    assert any(line.startswith("task.length: 30 ") and "exp.yaml:1" in line for line in shown.splitlines())
    assert any(line.startswith("task.test_length: 60 ") for line in shown.splitlines())


def test_a_task_that_is_unknown_is_named_beside_those_that_are(seqcli):
    ran = seqcli("train", "gru", "--task", "addin")
    assert ran.code == 2
    assert "adding" in ran.err


def test_settings_without_a_task_are_refused(seqcli):
    ran = seqcli("train", "gru", "--data", "x.csv", "--set", "task.length=5")
    assert ran.code == 2
    assert "task.length" in ran.err


def test_a_task_beside_own_data_is_refused():
    with pytest.raises(UsageError, match="--task adding and --data exclude each other"):
        choose_task("adding", DataConfig(data="x.csv"))
