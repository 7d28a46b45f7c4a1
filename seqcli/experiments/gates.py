"""Gates for CI: `--expect "gru.accuracy >= lstm.accuracy - 0.01"`, read by a small grammar, never evaluated.

A gate holds only if the whole interval of left less right clears it, fails only if the whole interval lies on
the other side, and is undecided otherwise. With one measured name that is the name's own interval; with
several it is the t-interval of the same combination seed by seed, since seeds are paired. Figures of an
earlier result that is not paired with this one are independent of it: Welch's interval (1947).
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from seqcli.errors import GateFailedError, GateUndecidedError, UsageError, unknown_name
from seqcli.experiments.gate_grammar import EARLIER, Gate, Name, Operator, parse_gate
from seqcli.results.expectations import Expectation
from seqcli.statistics.intervals import estimate
from seqcli.statistics.satterthwaite import independent

__all__ = [
    "UNKNOWN",
    "Gate",
    "Lookup",
    "Name",
    "Quantity",
    "check_names",
    "judge",
    "parse_gate",
    "raise_unmet",
]


@dataclass(frozen=True)
class Quantity:
    """What a name stands for.

    Args:
        value: The mean, or an exact figure; infinite where there is no bound.
        interval: Its 95 % interval; None where the spread is unknown.
        per_seed: One value a seed, for combinations; empty where there are none.
        exact: Whether the figure has no spread at all, such as a number of parameters.
        sample: Which seeds these are: quantities of one sample are paired, those of two are independent.
    """

    value: float
    interval: tuple[float, float] | None = None
    per_seed: tuple[float, ...] = ()
    exact: bool = False
    sample: str = ""


UNKNOWN = Quantity(math.nan)
"""What was not measured: no gate on it can be decided."""

Lookup = Callable[[Name], Quantity]


def check_names(
    gates: Sequence[Gate],
    labels: Collection[str],
    parts: Collection[str],
    *,
    lists: Collection[str] = (),
    earlier: Collection[str] | None = None,
) -> None:
    """Refuse names that no result of this command will have, before anything is computed.

    Args:
        gates: Parsed gates.
        labels: The models' labels.
        parts: What can stand after a label: 'half_life', 'lyapunov.exponents'.
        lists: Which of these are lists, whose names need an index.
        earlier: The labels of the earlier result; None where there is none.

    Raises:
        UsageError: A label or name is unknown (the known ones are listed, as gates spell them), or an index
            is missing or wrong.
    """
    for name in (name for gate in gates for name in gate.terms):
        if name.earlier and earlier is None:
            raise UsageError(
                f"--expect names {name}, of an earlier result", "Say which one with --baseline FILE.json."
            )
        known = (earlier or ()) if name.earlier else labels
        if name.label not in known:
            spelt = [str(Name(label, ())) for label in known]
            raise unknown_name(f"{EARLIER} model" if name.earlier else "model", name.label, spelt)
        figure = ".".join(name.parts)
        if figure not in parts:
            raise unknown_name("figure", figure, parts)
        _check_index(name, figure, is_list=figure in lists)


def _check_index(name: Name, figure: str, *, is_list: bool) -> None:
    if is_list and name.index is None:
        raise UsageError(f"--expect names {name}, a list", f"Say which of them, such as {figure}[0].")
    if name.index is not None and not is_list:
        raise UsageError(f"--expect names {name}, but {figure} is no list", "Leave out the index.")


def judge(gate: Gate, lookup: Lookup) -> Expectation:
    """What the measured figures say about a gate."""
    found = [(factor, lookup(name)) for name, factor in gate.terms.items() if factor]
    difference, interval = _combined(gate.constant, found)
    low, high = interval if interval is not None else (-math.inf, math.inf)
    return Expectation(
        text=gate.text,
        verdict=_verdict(gate.operator, low, high),
        difference=difference if math.isfinite(difference) else None,
        ci95=None if interval is None else (_bound(low), _bound(high)),
    )


def raise_unmet(expectations: Sequence[Expectation]) -> None:
    """End a command whose gates are not all met; a gate that fails outweighs one that is undecided.

    Raises:
        GateFailedError: At least one gate does not hold.
        GateUndecidedError: All others hold.
    """
    failed = [expectation.text for expectation in expectations if expectation.verdict == "fails"]
    undecided = [expectation.text for expectation in expectations if expectation.verdict == "undecided"]
    if failed:
        raise GateFailedError(f"expected, and it does not hold: {'; '.join(failed)}")
    if undecided:
        unmeasured = all(one.difference is None for one in expectations if one.verdict == "undecided")
        raise GateUndecidedError(
            f"expected, and these seeds cannot decide it: {'; '.join(undecided)}",
            "It names a figure that was not measured: a failed leg has none, --no-cost no speed or memory."
            if unmeasured
            else "More seeds (--seeds) narrow the intervals.",
        )


def _combined(
    constant: float, found: Sequence[tuple[float, Quantity]]
) -> tuple[float, tuple[float, float] | None]:
    """The sum and its interval; None where its spread is unknown."""
    total = constant + math.fsum(factor * quantity.value for factor, quantity in found)
    exact = constant + math.fsum(factor * quantity.value for factor, quantity in found if quantity.exact)
    noisy = [(factor, quantity) for factor, quantity in found if not quantity.exact]
    if not noisy:
        return total, (exact, exact)
    if len(noisy) == 1:
        factor, quantity = noisy[0]
        if quantity.interval is None:
            return total, None
        ends = sorted(exact + factor * end for end in quantity.interval)
        return total, (ends[0], ends[1])
    sums = [_sums(noisy, sample) for sample in sorted({quantity.sample for _, quantity in noisy})]
    if not all(len(values) > 1 and all(map(math.isfinite, values)) for values in sums):
        return total, None
    together = independent([estimate(values) for values in sums])
    low, high = together.interval()
    return exact + together.mean, (exact + low, exact + high)


def _sums(noisy: Sequence[tuple[float, Quantity]], sample: str) -> list[float]:
    """The combination of one sample's quantities, seed by seed; none where their numbers of seeds differ."""
    mine = [(factor, quantity.per_seed) for factor, quantity in noisy if quantity.sample == sample]
    if len({len(values) for _, values in mine}) > 1:
        return []
    return [
        math.fsum(factor * value for (factor, _), value in zip(mine, values, strict=True))
        for values in zip(*(values for _, values in mine), strict=True)
    ]


def _verdict(operator: Operator, low: float, high: float) -> Literal["holds", "fails", "undecided"]:
    if operator in ("<", "<="):
        low, high = -high, -low
    if low > 0 or (low >= 0 and operator in (">=", "<=")):
        return "holds"
    if high < 0 or (high <= 0 and operator in (">", "<")):
        return "fails"
    return "undecided"


def _bound(end: float) -> float | None:
    return end if math.isfinite(end) else None
