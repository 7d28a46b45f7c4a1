"""The bootstrap over seeds × examples: against a plain one, against known variances, and reproducible."""

import numpy as np
import pytest

from seqcli.statistics.resampling import Resampled, resample, resample_corpus


def crossed(
    generator: np.random.Generator, *, seed_sd: float, example_sd: float, rest_sd: float
) -> np.ndarray:
    """Scores of 8 seeds on 200 examples: a mean of 1 plus an effect of seed, of example, and of both."""
    noise = generator.normal(0, seed_sd, (8, 1)) + generator.normal(0, example_sd, (1, 200))
    return 1 + noise + generator.normal(0, rest_sd, (8, 200))


def plain_bootstrap(difference: np.ndarray, count: int) -> np.ndarray:
    """The definition: rows and columns drawn by index, with replacement."""
    generator = np.random.default_rng(5)
    seeds, examples = difference.shape
    return np.array(
        [
            difference[
                np.ix_(generator.integers(seeds, size=seeds), generator.integers(examples, size=examples))
            ].mean()
            for _ in range(count)
        ]
    )


def test_replicates_are_those_of_drawing_rows_and_columns() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.uniform(size=(2, 5, 60)) < 0.6
    found = resample(a, b, replicates=4000)
    expected = plain_bootstrap(a.astype(float) - b, 4000)
    assert found.replicates.mean() == pytest.approx(expected.mean(), abs=0.004)
    assert found.replicates.std() == pytest.approx(expected.std(), rel=0.05)
    assert found.interval(0.1) == pytest.approx(np.quantile(expected, [0.05, 0.95]), abs=0.01)


@pytest.mark.parametrize(("seed_sd", "example_sd"), [(0.3, 0.0), (0.0, 3.0), (0.2, 2.0)])
def test_replicates_vary_by_seeds_and_by_examples(seed_sd: float, example_sd: float) -> None:
    expected = seed_sd**2 * (7 / 8) / 8 + example_sd**2 * (199 / 200) / 200
    variances = []
    for trial in range(60):
        data = crossed(np.random.default_rng(trial), seed_sd=seed_sd, example_sd=example_sd, rest_sd=0.01)
        variances.append(resample(data, np.zeros_like(data), replicates=500).replicates.var())
    assert np.mean(variances) == pytest.approx(expected, rel=0.15)


def test_the_examples_share_of_the_variance_is_that_which_more_seeds_leave() -> None:
    found = [
        resample(data, np.zeros_like(data), replicates=2).examples_variance
        for trial in range(60)
        for data in [crossed(np.random.default_rng(trial), seed_sd=0.5, example_sd=1.0, rest_sd=1.0)]
    ]
    assert np.mean(found) == pytest.approx(1.0 / 200, rel=0.1)


def test_examples_without_an_effect_of_their_own_leave_nothing() -> None:
    data = np.repeat([[1.0], [2.0], [4.0]], 10, axis=1)
    assert resample(data, np.zeros_like(data), replicates=2).examples_variance == pytest.approx(
        0.0, abs=1e-20
    )


def test_the_same_scores_give_the_same_interval() -> None:
    a, b = np.random.default_rng(0).uniform(size=(2, 5, 40)) < 0.5
    assert resample(a, b).interval() == resample(a, b).interval()
    assert resample(a, b, seed=1).interval() != resample(a, b, seed=2).interval()


def test_swapping_the_models_mirrors_the_replicates() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 5, 40))
    there, back = resample(a, b), resample(b, a)
    assert there.difference == pytest.approx(-back.difference)
    assert there.replicates.std() == pytest.approx(back.replicates.std(), rel=0.05)


def test_p_values_are_shares_of_replicates_and_never_zero() -> None:
    found = Resampled(
        difference=0.25, replicates=np.array([-1.0, 0.0, 1.0, 1.0]), examples_variance=0.0, examples=4
    )
    assert found.p_above(0.0) == pytest.approx(3 / 5)
    assert found.p_below(0.0) == pytest.approx(4 / 5)
    assert found.p_above(-2.0) == pytest.approx(1 / 5)


@pytest.mark.parametrize("shape", [(3,), (1, 5), (5, 1)])
def test_scores_without_seeds_and_examples_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="equal shape"):
        resample(np.zeros(shape), np.zeros(shape))


def test_scores_that_do_not_pair_or_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="equal shape"):
        resample(np.zeros((2, 3)), np.zeros((2, 4)))
    with pytest.raises(ValueError, match="finite"):
        resample(np.full((2, 3), np.nan), np.zeros((2, 3)))


def test_a_corpus_score_that_is_a_mean_is_resampled_as_one() -> None:
    generator = np.random.default_rng(3)
    a, b = generator.uniform(size=(2, 5, 80)) < np.linspace(0.1, 0.9, 80)

    def counted(right: np.ndarray) -> np.ndarray:
        return np.stack([right, np.ones_like(right)], axis=-1).astype(float)

    found = resample_corpus(counted(a), counted(b), lambda sums: sums[0] / sums[1], replicates=3000)
    expected = resample(a, b, replicates=20_000)
    assert found.difference == pytest.approx(expected.difference)
    assert found.replicates.std() == pytest.approx(expected.replicates.std(), rel=0.05)
    assert found.interval() == pytest.approx(expected.interval(), abs=0.01)
    assert found.examples == 80


def test_the_examples_share_of_a_corpus_score_s_variance_is_the_mean_s() -> None:
    found = []
    for trial in range(12):
        data = crossed(np.random.default_rng(trial), seed_sd=0.5, example_sd=1.0, rest_sd=1.0)
        counts = np.stack([data, np.ones_like(data)], axis=-1)
        score = lambda sums: sums[0] / sums[1]  # noqa: E731
        found.append(resample_corpus(counts, 0 * counts + [0, 1], score, replicates=400).examples_variance)
    assert np.mean(found) == pytest.approx(1.0 / 200, rel=0.2)


def test_counts_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="seeds, sentences, sums"):
        resample_corpus(np.zeros((2, 3, 1)), np.zeros((2, 4, 1)), sum)
