"""`--vary length=25,50,100`: one comparison a value, and how the models change along the setting."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from seqcli.config.layer_sources import typed
from seqcli.config.layers import Setting, flat_name, from_values, validate
from seqcli.data.kind import metric_named
from seqcli.errors import UsageError, unknown_name
from seqcli.experiments.compare.comparison_inputs import ComparisonInputs
from seqcli.experiments.compare.conclude import conclude
from seqcli.experiments.compare.plan import Plan, plan
from seqcli.experiments.compare.recommend import recommend_sweep
from seqcli.experiments.compare.store import Store
from seqcli.experiments.compare.study import Study
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.sweep.sweep_claims import check_sweep
from seqcli.experiments.sweep.trends import compare_trends
from seqcli.models.config import ModelShape
from seqcli.models.spec import parse_spec
from seqcli.results.compare import Comparison
from seqcli.results.events import Event
from seqcli.results.sweep import Sweep, SweepCurve
from seqcli.statistics.curves import Scale, half_length, still_improving
from seqcli.training.config import TrainingConfig

OF_DATA = frozenset({"bptt", "context", "horizon", "length", "max_len", "vocab_size"})
"""Settings of the data that are numbers and can be varied."""


NO_NUMBERS = frozenset(
    {
        "activation",
        "bidirectional",
        "choose_by",
        "frame_encoder",
        "init",
        "keep_epochs",
        "pooling",
        "schedule",
        "threshold",
    }
)
"""Settings of models and training that have no order to go along."""


@dataclass(frozen=True)
class Varied:
    """A setting and the values that it takes in turn.

    Attributes:
        setting: Its flat name.
        values: At least two different numbers, ascending.
    """

    setting: str
    values: tuple[float, ...]

    @property
    def shown(self) -> str:
        """The setting as people write it: 'train-size'."""
        return self.setting.replace("_", "-")

    @property
    def scale(self) -> Scale:
        """Doublings count where all values are above 0."""
        return "log2" if self.values[0] > 0 else "linear"

    def at(self, config: CompareConfig, value: float) -> CompareConfig:
        """The comparison at one value, as if the value had been set for all models.

        Raises:
            UsageError: The setting does not allow the value.
        """
        origin = f"--vary {self.shown}"
        own_name = self.setting.removeprefix("task.")
        if own_name == self.setting:
            models = {"models": Setting(config.models, origin)}
            checked = validate(type(config), {**models, own_name: Setting(value, origin)})
            return self._point(config, {own_name: getattr(checked, own_name)})
        task = config.task
        if task is None or own_name not in type(task).model_fields:
            raise UsageError(f"{origin}: the task has no setting {own_name!r}", "Vary another setting.")
        others = from_values(task.model_dump(), f"task {task.name}")
        varied = validate(type(task), {**others, own_name: Setting(value, origin)})
        return self._point(config, {"task": varied})

    @staticmethod
    def _point(config: CompareConfig, changed: dict[str, object]) -> CompareConfig:
        return config.model_copy(update={**changed, "vary": None, "cost": config.cost_mode})


def parse_vary(text: str) -> Varied:
    """Read `length=25,50,100`.

    Raises:
        UsageError: It is not of that form, the setting cannot be varied, or a value is not a number.
    """
    key, equals, rest = text.partition("=")
    setting = flat_name(key.strip())
    if not (equals and setting and rest.strip()):
        raise UsageError(f"--vary {text!r} is not setting=value,value", "Write --vary length=25,50,100.")
    known = {*ModelShape.model_fields, *TrainingConfig.model_fields, *OF_DATA} - NO_NUMBERS
    if setting not in known and not setting.startswith("task."):
        raise unknown_name("setting", setting, sorted(name.replace("_", "-") for name in known))
    values = [typed(part, f"--vary {key.strip()}") for part in rest.split(",")]
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) != len(values) or len(set(numbers)) < 2 or len(set(numbers)) != len(numbers):
        raise UsageError(
            f"--vary {text!r}: at least two different numbers are needed", "Write --vary length=25,50,100."
        )
    return Varied(setting, tuple(sorted(numbers)))


class SweepStudy(Study[Sweep]):
    """One comparison for each value of a setting."""

    record = Sweep

    def __init__(self, config: CompareConfig, plans: tuple[Plan, ...], varied: Varied) -> None:
        super().__init__(config, plans)
        self.varied = varied

    @classmethod
    def of(cls, config: CompareConfig) -> "SweepStudy":
        """The study of a configuration that varies a setting.

        Raises:
            UsageError: The setting cannot be varied, one of the values is not allowed, or a model has a
                value of its own.
            DataError: The data cannot be read.
        """
        varied = parse_vary(config.vary or "")
        for text in config.models:
            if varied.setting in parse_spec(text).settings:
                raise UsageError(
                    f"--vary {varied.shown} changes nothing for {text}, which has its own", "Drop one."
                )
        points = [(value, plan(varied.at(config, value))) for value in varied.values]
        plans = tuple(replace(planned, what=f"{varied.shown} {value:g}") for value, planned in points)
        if not _differ(plans):
            raise UsageError(
                f"--vary {varied.shown} changes nothing in this comparison",
                "Vary a setting that its data has.",
            )
        return cls(config, plans, varied)

    def run(self, store: Store, should_stop: Callable[[], bool]) -> Generator[Event, None, Sweep]:
        """All comparisons, and the trends that they show."""
        evidence = yield from self.evidence(store, should_stop)
        return conclude_sweep(self.varied, [conclude(gathered) for gathered in evidence], evidence)

    def judged(self, result: Sweep) -> Sweep:
        """Gates are about the greatest value."""
        last = self.plans[-1].judged(result.points[-1])
        return result.model_copy(update={"expectations": last.expectations})


def _differ(plans: Sequence[Plan]) -> bool:
    """Return whether the legs of different values are different legs."""
    folders = [planned.legs[0].folder_name for planned in plans]
    return len(set(folders)) == len(folders)


def conclude_sweep(
    varied: Varied, points: Sequence[Comparison], evidence: Sequence[ComparisonInputs] = ()
) -> Sweep:
    """Curves, trends, claims and advice from the comparisons of all values, in order.

    Args:
        varied: The setting and its values.
        points: What each comparison concluded.
        evidence: What each rests on: with it, trends count the test examples too.
    """
    last = points[-1]
    curves = [_curve(model.label, varied, points) for model in last.models]
    pairs = compare_trends(curves, points, varied.values, scale=varied.scale, evidence=evidence)
    complete = all(point.status == "complete" for point in points)
    return Sweep(
        signature=f"{last.signature} · {varied.shown} {_listed(varied.values)}",
        status="complete" if complete else "partial",
        setting=varied.shown,
        values=list(varied.values),
        scale=varied.scale,
        metric=last.task.metric,
        higher_is_better=last.task.higher_is_better,
        curves=curves,
        pairs=pairs,
        points=list(points),
        guide=check_sweep(varied.setting, curves, pairs, points),
        recommendation=recommend_sweep(varied.shown, pairs, points),
        failures=list(chain.from_iterable(point.failures for point in points)),
    )


def _listed(values: Sequence[float]) -> str:
    return ",".join(f"{value:g}" for value in values)


def _curve(label: str, varied: Varied, points: Sequence[Comparison]) -> SweepCurve:
    models = [next(model for model in point.models if model.label == label) for point in points]
    qualities = [model.quality for model in models]
    means = [quality.mean for quality in qualities]
    solved = [quality.solved for quality in qualities if quality.solved is not None]
    higher = points[-1].task.higher_is_better
    known = [mean for mean in means if mean is not None]
    most = metric_named(points[-1].task.metric).most or 1.0
    halves = higher and len(known) == len(means) and varied.scale == "log2"
    return SweepCurve(
        label=label,
        mean=means,
        ci95=[quality.ci95 for quality in qualities],
        per_seed=[quality.per_seed for quality in qualities],
        solved=solved if len(solved) == len(qualities) else None,
        l50=half_length(varied.values, known, most=most) if halves else None,
        still_improving=[
            [
                None
                if scores is None
                else still_improving(scores, point.protocol.margin, higher_is_better=higher)
                for scores in model.learning
            ]
            for model, point in zip(models, points, strict=True)
        ],
    )
