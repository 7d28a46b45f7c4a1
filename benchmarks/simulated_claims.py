"""How often the guide's claims 5 (similar accuracy) and 6 (long dependencies) are decided, and wrongly.

Verdicts come from simulated answers; what they say of a claim, from the functions that a comparison and a
sweep call.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Literal, TypeVar, cast, get_args

import numpy as np
from numpy.typing import NDArray

from seqcli.experiments.compare.comparison_claims import check_guide
from seqcli.experiments.sweep.sweep_claims import check_sweep
from seqcli.results.calibration import SimulatedClaim
from seqcli.results.common import Verdict
from seqcli.results.compare import Comparison, ModelResult, TaskFacts
from seqcli.results.compared_pairs import Pair, QualityPair, SolvedPair
from seqcli.results.measurements import Parameters, Quality
from seqcli.results.record import Record
from seqcli.results.sweep import SweepPair
from seqcli.statistics.array_verdicts import judged
from seqcli.statistics.calibration import ALPHA, MARGIN, answers, rate
from seqcli.statistics.crossed import crossed
from seqcli.statistics.curves import compare_slopes, slope_margin, slope_weights
from seqcli.statistics.exact_tests import SOLVED_MARGIN, judge_solved_family, sign_test
from seqcli.statistics.verdict_claims import conclude
from seqcli.statistics.verdicts import Evidence

Generator = np.random.Generator
Decided = Literal["supported", "refuted"]
Words = NDArray[np.str_]

TRIALS = 2000
SEEDS = (3, 5, 10)
EXAMPLES = 853
LENGTHS = (25.0, 50.0, 100.0, 200.0)
SWEEP_EXAMPLES = 200
"""At each length; other examples at each, so that the luck of the test set does not cancel."""
BOTH: tuple[Decided, ...] = get_args(Decided)

SIMILAR: dict[str, tuple[float, tuple[Decided, ...]]] = {
    "equal": (0.0, ("refuted",)),
    "LSTM the margin ahead": (MARGIN, BOTH),
    "LSTM three margins ahead": (3 * MARGIN, ("supported",)),
}
SIMILAR_SOLVED: dict[str, tuple[tuple[float, float], tuple[Decided, ...]]] = {
    "both solve one seed in two": ((0.5, 0.5), ("refuted",)),
    "LSTM solves all, GRU four in five": ((1.0, 1.0 - SOLVED_MARGIN), ("supported",)),
}
LONG: dict[str, tuple[tuple[float, ...], tuple[Decided, ...]]] = {
    "equal at every length": ((0.0, 0.0, 0.0, 0.0), BOTH),
    "LSTM ahead alike at every length": ((0.03, 0.03, 0.03, 0.03), BOTH),
    "LSTM gains, and is equal at the greatest": ((-0.06, -0.04, -0.02, 0.0), BOTH),
    "LSTM gains, and is ahead at the greatest": ((0.0, 0.02, 0.04, 0.06), ("refuted",)),
}
"""How far LSTM is ahead at each length, and what would be wrong to say."""
LONG_SOLVED: dict[str, tuple[float, tuple[Decided, ...]]] = {
    "equal chances to solve": (0.0, BOTH),
    "LSTM solves half as many more": (0.25, ("refuted",)),
}


def simulated_claims(seed: int) -> Iterator[SimulatedClaim]:
    """Both claims at 3, 5 and 10 seeds, on scores and on tasks that are solved or not."""
    for number, seeds in enumerate(SEEDS):
        for place, (truth, (ahead, wrong)) in enumerate(SIMILAR.items()):
            generator = np.random.Generator(np.random.Philox([seed, 5, number, place]))
            yield _claim((5, seeds, truth), _similar(generator, seeds, ahead), wrong)
        for place, (truth, (chances, wrong)) in enumerate(SIMILAR_SOLVED.items()):
            generator = np.random.Generator(np.random.Philox([seed, 55, number, place]))
            yield _claim((5, seeds, truth), _similarly_solved(generator, seeds, chances), wrong)
        for place, (truth, (leads, wrong)) in enumerate(LONG.items()):
            generator = np.random.Generator(np.random.Philox([seed, 6, number, place]))
            yield _claim((6, seeds, truth), _long(generator, seeds, leads), wrong)
        for place, (truth, (more, wrong)) in enumerate(LONG_SOLVED.items()):
            generator = np.random.Generator(np.random.Philox([seed, 66, number, place]))
            yield _claim((6, seeds, truth), _long_solved(generator, seeds, more), wrong)


def _claim(design: tuple[int, int, str], said: Sequence[str], wrong: Sequence[Decided]) -> SimulatedClaim:
    number, seeds, truth = design
    return SimulatedClaim(
        claim=number,
        seeds=seeds,
        truth=truth,
        supported=rate(said.count("supported"), len(said)),
        refuted=rate(said.count("refuted"), len(said)),
        wrong=list(wrong),
    )


def _similar(generator: Generator, seeds: int, ahead: float) -> list[str]:
    """Claim 5 on answers."""
    said = []
    for _ in range(TRIALS // 100):
        found = judged(answers("smooth", generator, (100, 2, seeds, EXAMPLES), ahead), MARGIN, ALPHA)
        shown = found.claims.different <= ALPHA
        meaningful = shown & (found.claims.meaningful <= ALPHA)
        said += [
            similar_claim(str(word), meaningful=bool(beyond))
            for word, beyond in zip(found.words[:, 0], meaningful[:, 0], strict=True)
        ]
    return said


def _similarly_solved(generator: Generator, seeds: int, chances: tuple[float, float]) -> list[str]:
    """Claim 5 on tasks that are solved or not."""
    solved = generator.random((TRIALS, 2, seeds)) < np.array(chances)[:, None]
    pairs = ((np.sum(a & b), np.sum(a & ~b), np.sum(b & ~a)) for a, b in solved)
    return [solved_claim(int(both), int(a), int(b), seeds) for both, a, b in pairs]


def _long(generator: Generator, seeds: int, leads: Sequence[float]) -> list[str]:
    """Claim 6 on answers at each length."""
    said = []
    for _ in range(TRIALS // 250):
        shape = (250, 2, seeds, SWEEP_EXAMPLES)
        tables = [answers("smooth", generator, shape, lead) for lead in leads]
        ends = [judged(table, MARGIN, ALPHA).words[:, 0] for table in (tables[0], tables[-1])]
        trends = [_trend(trial) for trial in zip(*tables, strict=True)]
        said += [
            length_claim(str(least), str(greatest), trend)
            for least, greatest, trend in zip(*ends, trends, strict=True)
        ]
    return said


def _trend(tables: Sequence[NDArray[np.float32]]) -> str:
    """The verdict on the difference of slopes per doubling, as `compare_trends` has it.

    Args:
        tables: The answers (2, seeds, examples) at each length.
    """
    scores = np.stack([table.mean(axis=2, dtype=np.float64) for table in tables], axis=-1)
    slopes = compare_slopes(scores[0], scores[1], LENGTHS, scale="log2", resolution=1 / SWEEP_EXAMPLES)
    weights = slope_weights(LENGTHS, scale="log2")
    sloped = sum(
        weight * (table[0].astype(np.float64) - table[1])
        for weight, table in zip(weights, tables, strict=True)
    )
    view = Evidence(slopes.difference, crossed(sloped))
    margin = slope_margin(MARGIN, LENGTHS, scale="log2")
    return str(conclude(view.claims(margin), view.mean, ALPHA).item())


def _long_solved(generator: Generator, seeds: int, more: float) -> list[str]:
    """Claim 6 on tasks that are solved or not: longer is harder, and runs of one seed are alike."""
    luck = generator.normal(0.0, 0.2, (TRIALS, 2, seeds, 1))
    chances = np.array([0.8, 0.6, 0.4, 0.2]) + luck
    chances[:, 0] += more
    solves = (generator.random(chances.shape) < chances).sum(axis=-1)
    ahead = solves[:, 0] - solves[:, 1]
    votes = zip((ahead > 0).sum(axis=1), (ahead < 0).sum(axis=1), strict=True)
    return [votes_claim(int(a), int(b), seeds) for a, b in votes]


R = TypeVar("R", bound=Record)


def part_of(record: type[R], **known: Any) -> R:
    """A record of which the claims look at these fields alone."""
    made: Any = record.model_construct(None, **known)
    return cast("R", made)


LSTM, GRU = (
    part_of(
        ModelResult,
        name=name,
        label=name,
        settings={},
        gates=gates,
        parameters=Parameters(total=1, embedding=0, recurrent=0, head=1),
        quality=Quality(metric="accuracy", mean=0.7, ci95=None, per_seed=[0.7], valid_per_seed=[0.7]),
    )
    for name, gates in (("lstm", 4), ("gru", 3))
)

TASK = part_of(TaskFacts, metric="accuracy", higher_is_better=True)


def _pair(quality: QualityPair) -> Pair:
    return part_of(Pair, a="lstm", b="gru", quality=quality, train_speed=None, latency=None, memory=None)


def _quality(word: str, **more: object) -> QualityPair:
    frame = {"difference": 0.0, "ci95": None, "ci90": None, "verdict": word, "seeds_needed": None}
    return QualityPair.model_validate({**frame, **more})


@cache
def similar_claim(word: str, *, meaningful: bool) -> str:
    """What claim 5 is after this verdict."""
    (found,) = check_guide([LSTM, GRU], [_pair(_quality(word, meaningful=meaningful))])
    return found.verdict


@cache
def solved_claim(both: int, only_a: int, only_b: int, seeds: int) -> str:
    """What claim 5 is after so many seeds solved by both, or by one alone."""
    neither = seeds - both - only_a - only_b
    a = [True] * (both + only_a) + [False] * (only_b + neither)
    b = [True] * both + [False] * only_a + [True] * only_b + [False] * neither
    (found,) = judge_solved_family([(a, b)], alpha=ALPHA, margin=SOLVED_MARGIN)
    solved = SolvedPair(a=sum(a), b=sum(b), seeds=seeds, p_value=found.p_different, margin=SOLVED_MARGIN)
    (told,) = check_guide([LSTM, GRU], [_pair(_quality(found.verdict, solved=solved))])
    return told.verdict


def _swept(ends: Sequence[str], pair: dict[str, object]) -> str:
    """What claim 6 is after these verdicts at the least and the greatest length, and along it."""
    points = [
        part_of(Comparison, task=TASK, models=[LSTM, GRU], pairs=[_pair(_quality(word))]) for word in ends
    ]
    frame = {"a": "lstm", "b": "gru", "seeds": 3, "slope_a": 0.0, "slope_b": 0.0, "difference": 0.0}
    swept = SweepPair.model_validate({**frame, "ci95": None, **pair})
    (found,) = check_sweep("length", [], [swept], points)
    return found.verdict


@cache
def length_claim(least: str, greatest: str, trend: str) -> str:
    """What claim 6 is after scores."""
    return _swept((least, greatest), {"verdict": trend})


@cache
def votes_claim(a: int, b: int, seeds: int) -> str:
    """What claim 6 is after so many seeds in which either solves more lengths, as in `compare_trends`."""
    p_value = sign_test(a, b)
    shown: Verdict = "better" if a > b else "worse"
    solved = SolvedPair(a=a, b=b, seeds=seeds, p_value=p_value)
    votes: dict[str, object] = {"a": a, "b": b, "ties": seeds - a - b, "p_value": p_value}
    word = shown if p_value <= ALPHA else "undecided"
    return _swept(("undecided", "undecided"), {"verdict": word, "solved": solved, "votes": votes})
