"""`--match hidden,params`: the same models under several protocols, and what these say together."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from seqcli.experiments.claims.comparison import across_protocols
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.plan import plan
from seqcli.experiments.recommend import recommend
from seqcli.experiments.store import Store
from seqcli.experiments.study import Study
from seqcli.results.compare import Agreement, Alternative, Comparison, JointVerdict, Pair, Verdict
from seqcli.results.events import Event


class Several(Study[Comparison]):
    """One comparison for each protocol."""

    record = Comparison

    @classmethod
    def of(cls, config: CompareConfig) -> "Several":
        """The study of a configuration with several protocols.

        Raises:
            UsageError: A model or setting is unknown, or a protocol cannot make the models equal.
            DataError: The data cannot be read.
        """
        single = [plan(config, match) for match in config.match]
        return cls(config, tuple(replace(one, what=one.protocol.words) for one in single))

    def run(self, store: Store, should_stop: Callable[[], bool]) -> Generator[Event, None, Comparison]:
        """All comparisons, as alternatives of the first."""
        points = yield from self.points(store, should_stop)
        return together(points)

    def judged(self, result: Comparison) -> Comparison:
        """Gates are about the first protocol."""
        return self.plans[0].judged(result)


def together(points: Sequence[Comparison]) -> Comparison:
    """The first protocol's result with the others beside it.

    A pair on which they contradict each other has no winner, whatever the first one says.
    """
    first, *others = points
    agreements = [agreement(points, pair) for pair in first.pairs]
    return first.model_copy(
        update={
            "status": "complete" if all(point.status == "complete" for point in points) else "partial",
            "alternatives": [
                Alternative(match=point.protocol.match, models=point.models, pairs=point.pairs)
                for point in others
            ],
            "agreement": agreements,
            "guide": across_protocols(first.guide, agreements),
            "recommendation": recommend(
                first.models, first.pairs, first.recurrence, agreements, task=first.task
            ),
            "failures": [failure for point in points for failure in point.failures],
        }
    )


def agreement(points: Sequence[Comparison], pair: Pair) -> Agreement:
    """What the protocols say of one pair's quality."""
    verdicts = {
        point.protocol.match: next(
            other.quality.verdict for other in point.pairs if (other.a, other.b) == (pair.a, pair.b)
        )
        for point in points
    }
    return Agreement(
        a=pair.a, b=pair.b, verdicts=dict(sorted(verdicts.items())), verdict=joint(list(verdicts.values()))
    )


def joint(verdicts: Sequence[Verdict]) -> JointVerdict:
    """One verdict of several: 'depends' where two decided ones differ, 'undecided' where one is missing."""
    decided = {verdict for verdict in verdicts if verdict != "undecided"}
    if len(decided) > 1:
        return "depends"
    return next(iter(decided)) if decided and "undecided" not in verdicts else "undecided"
