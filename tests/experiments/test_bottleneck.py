"""Quality by length: half lengths by hand, verdicts from planted curves, buckets that lose nobody."""

import itertools
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from making.outcomes import planted_run
from scipy import stats

from seqcli.errors import RunError, UsageError
from seqcli.experiments.bottleneck import measure
from seqcli.experiments.compare.tuning import tuning_seeds
from seqcli.experiments.run_scores import find_runs, read_runs
from seqcli.experiments.translate import buckets
from seqcli.reports.words.bottleneck_words import trend_text
from seqcli.reports.words.claims import evidence
from seqcli.runs.directory import RunDirectory
from seqcli.statistics.own_score import corpus_interval
from seqcli.training.step import SCHEDULES

LENGTHS = [3] * 40 + [8] * 40 + [15] * 40 + [30] * 40


def told(attention, seed, shares, width=64):
    """A run that gets so large a share of each length right."""
    right = [i % 40 < 40 * shares[i // 40] for i in range(len(LENGTHS))]
    return planted_run(attention, seed, LENGTHS, right, width=width)


def test_every_sentence_is_in_one_bucket():
    lengths = [0, 1, 5, 6, 10, 11, 640, 641, 9999]
    result = buckets(lengths)
    assert sorted(i for _, _, inside in result for i in inside) == list(range(len(lengths)))
    assert result[0][:2] == (1, 5)
    assert result[-1][:2] == (641, None)


def test_a_planted_bottleneck_supports_both_claims():
    runs = [told("none", seed, [1, (0.8, 0.75, 0.7)[seed], 0.3, 0]) for seed in range(3)]
    runs += [told("luong", seed, [1, 1, 1, 0.95 + 0.025 * (seed % 2)]) for seed in range(3)]
    result = measure(runs)
    (pair,) = result.pairs
    slope = np.polyfit(np.log2([3, 8, 15, 30]), [1, 0.75, 0.3, 0], 1)[0]
    assert pair.slope_a == pytest.approx(slope)
    assert [claim.verdict for claim in result.guide] == ["supported", "supported"]
    falls, ahead = (evidence(claim) for claim in result.guide)
    slope_told = r"−[\d.]+ points \[−[\d.]+, −[\d.]+\] per doubling of length against .*; "
    assert re.fullmatch(
        slope_told + r"half the short score at [\d.]+ tokens, with attention not reached", falls
    )
    assert re.fullmatch(r"\+[\d.]+ points \[\+[\d.]+, \+[\d.]+\] on the longest sources", ahead)
    curves = {curve.attention: curve for curve in result.curves}
    assert curves["luong"].l50 is None
    assert curves["none"].mean == pytest.approx([1, 0.75, 0.3, 0])
    assert 8 < curves["none"].l50 < 15


def test_where_models_fall_alike_nothing_is_supported():
    """Forty sentences a range count in steps of 2.5 points, which show nothing within one point."""
    alike = [1, 0.9, 0.8, 0.7]
    few = measure([told(kind, seed, alike) for kind in ("none", "luong") for seed in range(3)])
    assert {claim.verdict for claim in few.guide} == {"undecided"}
    right = np.concatenate([np.arange(400) < 400 * share for share in alike])
    lengths = np.repeat([3, 8, 15, 30], 400).tolist()
    result = measure(
        [answered(kind, seed, right, lengths) for kind in ("none", "luong") for seed in range(3)]
    )
    assert {claim.verdict for claim in result.guide} == {"equivalent"}
    assert "half the short score not reached, with attention not reached" in evidence(result.guide[0])


def test_one_seed_decides_nothing():
    result = measure([told("none", 0, [1, 0, 0, 0]), told("luong", 0, [1, 1, 1, 1])])
    assert {claim.verdict for claim in result.guide} == {"undecided"}


def test_the_dose_tells_half_lengths_by_width():
    result = measure([told("none", 0, [1, 0, 0, 0], width=32), told("none", 0, [1, 1, 0, 0], width=128)])
    assert [dose.width for dose in result.dose] == [32, 128]
    assert result.dose[0].l50 < result.dose[1].l50
    assert 3 <= result.dose[0].l50_ci95[0] <= result.dose[0].l50_ci95[1] <= 8.5
    assert result.dose_trend.verdict == "undecided", "one seed decides nothing"


def test_a_dose_that_grows_at_every_seed_is_judged_by_its_slope():
    shares = {16: [1, 0.2, 0, 0], 32: [1, 0.9, 0.1, 0], 64: [1, 1, 0.9, 0.2]}
    runs = [
        told("none", seed, [max(0, share - 0.02 * seed) for share in falling], width=width)
        for width, falling in shares.items()
        for seed in range(3)
    ]
    trend = measure(runs).dose_trend
    assert (trend.verdict, trend.widths, trend.seeds) == ("better", [16, 32, 64], [0, 1, 2])
    assert 0 < trend.ci95[0] < trend.slope < trend.ci95[1]
    known = [replace(run, still_improving=place == 0) for place, run in enumerate(runs)]
    open_ = measure(known).dose_trend
    assert (open_.verdict, open_.slope, open_.interval) == ("undecided", trend.slope, trend.interval)
    assert trend_text(open_).endswith(": undecided; still improving when training ended: 1 of 9 runs"), (
        "a narrow model that was not trained to its end shows its training, not its width"
    )


def test_what_never_learnt_or_never_fell_has_no_half_length_and_says_why():
    never, flat, gone = measure(
        [
            told("none", 0, [0.05, 0, 0, 0], width=8),
            told("none", 0, [1, 1, 1, 0.9], width=16),
            told("none", 0, [0.4, 0, 0, 0], width=32),
        ]
    ).curves
    assert (never.l50, never.l50_below, never.l50_beyond, never.l50_ci95) == (None, None, None, None)
    assert (flat.l50, flat.l50_beyond) == (None, 30)
    assert gone.l50 is not None
    assert gone.first == pytest.approx(0.4)


def test_a_claim_is_left_open_while_a_model_is_still_improving():
    runs = [told("none", seed, [1, 0.8, 0.3, 0.01 * seed]) for seed in range(3)]
    runs += [told("luong", seed, [1, 1, 1, 0.95 + 0.02 * (seed % 2)]) for seed in range(3)]
    assert {claim.verdict for claim in measure(runs).guide} == {"supported"}
    rising = [
        replace(runs[0], still_improving=True),
        *(replace(run, still_improving=False) for run in runs[1:]),
    ]
    result = measure(rising)
    assert {claim.verdict for claim in result.guide} == {"undecided"}
    assert all(
        "still improving when training ended: 1 of 6 runs" in evidence(claim) for claim in result.guide
    )
    assert result.curves[0].still_improving == [True, False, False]


@pytest.mark.parametrize(("seeds", "compared"), [([3, 4], {3, 4}), ("auto", {0, 3, 4})])
def test_legs_that_only_tuned_are_no_runs_of_a_comparison(tmp_path, seeds, compared):
    RunDirectory.create(tmp_path / "cmp", {"seeds": seeds, "tune_lr": True})
    for seed in (0, 3, 4, *tuning_seeds([0, 3, 4])):
        leg = RunDirectory.create(tmp_path / "cmp" / "legs" / f"s{seed}", {"seed": seed})
        leg.commit_result({}, {})
    result = find_runs([tmp_path / "cmp"])
    assert {RunDirectory.open(folder).config["seed"] for folder in result} == compared


@pytest.fixture
def translators(seqcli, tmp_path):
    """Train a tiny translator for one step; returns its folder."""
    rows = [f"{a} {b * n}\t{b * n} {a}" for a in "abcdefg" for b in "stuv" for n in (1, 9)]
    (tmp_path / "pairs.tsv").write_text("\n".join(["source\ttarget", *rows]) + "\n", encoding="utf-8")

    def train(name, *settings):
        tiny = ("--hidden", 4, "--embedding", 4, "--max-steps", 1, "--data", "pairs.tsv", "--out", name)
        ran = seqcli("train", "seq2seq:attention=none", *tiny, *settings)
        assert ran.code == 0, ran.err
        return tmp_path / name

    return train


def test_runs_whose_tokenizers_cut_the_sources_otherwise_are_refused(translators, seqcli):
    runs = translators("words"), translators("chars", "--tokenizer", "char")
    ran = seqcli("bottleneck", *runs)
    assert ran.code == RunError.exit_code
    assert f"{runs[1]} counts the same sources in other tokens than {runs[0]}" in " ".join(ran.err.split())
    assert "--tokenizer" in ran.err


def test_one_model_and_seed_is_refused_twice_whatever_else_its_runs_differ_in(translators):
    result, other = translators("one"), translators("other", "--lr", 0.5)
    (outcome,) = read_runs([result])
    assert outcome.still_improving is False, "one epoch gains nothing on itself"
    for again in (result, other):
        with pytest.raises(RunError, match=f"{result} and {again} are both seq2seq with seed 0") as refused:
            read_runs([result, again])
        assert "--seed" in (refused.value.hint or "")


def test_intervals_of_a_corpus_score_are_those_of_its_mean():
    generator = np.random.default_rng(0)
    values = generator.random(400) < 0.3
    interval = corpus_interval(np.stack([values, np.ones(400)], axis=1).astype(float), lambda c: c[0] / c[1])
    error = 1.96 * math.sqrt(values.mean() * (1 - values.mean()) / 400)
    assert interval.low == pytest.approx(values.mean() - error, abs=0.006)
    assert interval.high == pytest.approx(values.mean() + error, abs=0.006)
    assert corpus_interval(np.ones((1, 2)), sum) is None


@pytest.mark.parametrize("name", SCHEDULES)
def test_learning_rates_begin_whole_and_never_rise_or_go_below_nothing(name):
    shares = [SCHEDULES[name](done) for done in np.linspace(0, 1.2, 50)]
    assert shares[0] == 1
    assert all(a >= b - 1e-12 for a, b in itertools.pairwise(shares))
    assert min(shares) >= 0
    assert name == "constant" or shares[-1] == pytest.approx(0, abs=1e-12)


def test_the_command_draws_a_picture_and_a_page_beside_its_table(translators, seqcli):
    run = translators("drawn", "--tokenizer", "char")
    ran = seqcli("bottleneck", run, "--plot", "b.png", "--report", "b.html")
    assert ran.code == 0, ran.err
    assert (run.parent / "b.png").read_bytes().startswith(b"\x89PNG")
    assert f"seqcli bottleneck {run}" in (run.parent / "b.html").read_text(encoding="utf-8")
    refused = seqcli("bottleneck", run, "--plot", "b.txt")
    assert refused.code == UsageError.exit_code
    assert "Use .png, .svg, .pdf." in refused.err


def answered(attention, seed, right, lengths, width=64):
    """A run that gets the sentences right that `right` says."""
    return replace(
        told(attention, seed, [1, 1, 1, 1], width),
        sources=tuple(f"s{i}" for i in range(len(lengths))),
        lengths=tuple(lengths),
        predicted=tuple("yes" if good else "no" for good in right),
        references=("yes",) * len(lengths),
    )


def falling(generator, lengths, *, luck, slope, attention, width=64):
    """Three runs that mostly agree, sentence by sentence: `luck` is what they share."""
    values = []
    for seed in range(3):
        chance = 0.9 - slope * (np.log2(lengths) - np.log2(3))
        right = luck + generator.normal(0, 0.02, len(lengths)) < chance
        values.append(answered(attention, seed, right, lengths, width))
    return values


def test_claims_count_the_test_sentences_and_not_only_the_seeds():
    """Seeds that agree on twelve sentences a range say nothing of twelve others."""
    generator = np.random.default_rng(1)
    lengths = np.repeat([3, 8, 15, 30], 12)
    blind = falling(generator, lengths, luck=generator.random(48), slope=0.20, attention="none")
    sighted = falling(generator, lengths, luck=generator.random(48), slope=0.12, attention="luong")
    (pair,) = measure([*blind, *sighted]).pairs
    weights = np.log2([3, 8, 15, 30]) - np.log2([3, 8, 15, 30]).mean()
    weights /= (weights**2).sum()
    tables = [np.array([np.array(run.predicted) == "yes" for run in runs], float).reshape(3, 4, 12)
              for runs in (blind, sighted)]  # fmt: skip
    difference = tables[0] - tables[1]
    slopes = difference.mean(axis=2) @ weights
    parts = []
    for place, weight in enumerate(weights):
        table = difference[:, place]
        of_examples = 3 * table.mean(axis=0).var(ddof=1)
        rest = table - table.mean(axis=0) - table.mean(axis=1)[:, None] + table.mean()
        parts.append(weight**2 * max(of_examples - (rest**2).sum() / (2 * 11), 0) / (3 * 12))
    assert pair.difference == pytest.approx(slopes.mean())
    grid = (weights**2).sum() / 12**2 / 6  # no spread is below that of scores in steps of a twelfth
    of_seeds = max(slopes.var(ddof=1), grid) / 3
    variance = of_seeds + sum(parts)
    degrees = variance**2 / (of_seeds**2 / 2 + sum(part**2 for part in parts) / 11)
    half = stats.t.ppf(0.975, degrees) * math.sqrt(variance)
    assert half > stats.t.ppf(0.975, 2) * math.sqrt(of_seeds), "the seeds alone would say too much"
    assert pair.interval == pytest.approx((slopes.mean() - half, slopes.mean() + half))
    assert pair.verdict == "undecided"


def test_several_widths_are_one_family_and_the_level_is_told():
    runs = [
        told(kind, seed, shares, width)
        for width in (16, 64)
        for kind, shares in (("none", [1, 0.75, 0.3, 0]), ("luong", [1, 1, 0.95, 0.9]))
        for seed in range(3)
    ]
    noisy = [replace(run, predicted=run.predicted[run.seed :] + ("no",) * run.seed) for run in runs]
    pairs = measure(noisy).pairs
    assert len(pairs) == 2
    assert {round(pair.level, 4) for pair in pairs} == {0.95, 0.975}
    told_of = [evidence(claim) for claim in measure(noisy).guide if claim.number == 11]
    assert sum("(97.5 %)" in text for text in told_of) == 1


def test_the_margin_of_a_corpus_score_is_the_metric_s_own():
    """Half a point of BLEU, as in every comparison."""
    words = [f"w{i}" for i in range(12)]
    generator = np.random.default_rng(0)

    def run(attention, seed):
        texts = [" ".join(generator.choice(words, size=n)) for n in np.repeat([4, 12], 12)]
        written = [
            " ".join(word if generator.random() < 0.8 else "x" for word in text.split()) for text in texts
        ]
        return replace(
            told(attention, seed, [1, 1, 1, 1]),
            metric="BLEU",
            sources=tuple(f"s{i}" for i in range(24)),
            lengths=tuple(np.repeat([4, 12], 12).tolist()),
            predicted=tuple(written),
            references=tuple(texts),
        )

    (pair,) = measure([run(kind, seed) for kind in ("none", "luong") for seed in range(3)]).pairs
    assert pair.verdict == "undecided"
    assert pair.longest_interval[0] < 0 < pair.longest_interval[1]


def test_a_range_of_one_sentence_is_shown_and_not_judged():
    lengths = [*LENGTHS[:80], 30]
    shares = [True] * 80 + [False]
    runs = [answered(kind, seed, shares, lengths) for kind in ("none", "luong") for seed in range(3)]
    result = measure(runs)
    assert result.sentences == [40, 40, 1]
    assert result.pairs[0].longest == 0
