"""Gates for CI: `--expect "gru.accuracy >= lstm.accuracy - 0.01"`, read by a small grammar, never evaluated.

    gate   = side op side              op = >= | <= | > | <
    side   = [-] term {(+ | -) term}   term = number [* name] | name [* number]
    name   = label{.part}[[index]]     label = a word, or any text in quotes: "gru hidden=148".accuracy

A gate holds only if the whole interval of left less right clears it, fails only if the whole interval lies on
the other side, and is undecided otherwise. With one measured name that is the name's own interval;
with several it is the t-interval of the same combination seed by seed, since seeds are paired.
"""

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

from seqcli.errors import GateFailedError, GateUndecidedError, UsageError, unknown_name
from seqcli.results.expectations import Expectation
from seqcli.statistics.intervals import estimate

LONGEST = 500
"""The most characters of a gate."""

Operator = Literal[">=", "<=", ">", "<"]
OPERATORS: tuple[Operator, ...] = (">=", "<=", ">", "<")

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])"""
    r"""|(?P<word>[A-Za-z_]\w*)|"(?P<double>[^"]+)"|'(?P<single>[^']+)'"""
    r"""|(?P<sign>>=|<=|[><+*\-.\[\]]))""",
    re.ASCII,
)


@dataclass(frozen=True)
class Name:
    """What a gate refers to.

    Args:
        label: The model's label in the result.
        parts: The names below it in the JSON document.
        index: Which of a list, such as a lag.
    """

    label: str
    parts: tuple[str, ...]
    index: int | None = None

    def __str__(self) -> str:
        word = self.label if re.fullmatch(r"[A-Za-z_]\w*", self.label, re.ASCII) else f'"{self.label}"'
        index = "" if self.index is None else f"[{self.index}]"
        return ".".join((word, *self.parts)) + index


@dataclass(frozen=True)
class Gate:
    """A parsed gate: the sum of constant and terms compared with 0.

    Args:
        text: As written.
        operator: How left less right compares with 0.
        constant: Left's numbers less right's.
        terms: The factor of each name, left's less right's.
    """

    text: str
    operator: Operator
    constant: float
    terms: Mapping[Name, float]


@dataclass(frozen=True)
class Quantity:
    """What a name stands for.

    Args:
        value: The mean, or an exact figure; infinite where there is no bound.
        interval: Its 95 % interval; None where the spread is unknown.
        per_seed: One value a seed, for combinations; empty where there are none.
        exact: Whether the figure has no spread at all, such as a number of parameters.
    """

    value: float
    interval: tuple[float, float] | None = None
    per_seed: tuple[float, ...] = ()
    exact: bool = False


Lookup = Callable[[Name], Quantity]


def parse_gate(text: str) -> Gate:
    """Read a gate.

    Raises:
        UsageError: Not of the grammar; says where and what was expected.
    """
    return _Parser(text).gate()


def check_names(gates: Sequence[Gate], labels: Collection[str], parts: Collection[str]) -> None:
    """Refuse names that no result of this command will have, before anything is computed.

    Args:
        gates: Parsed gates.
        labels: The models' labels.
        parts: What can stand after a label: 'half_life', 'lyapunov.exponents'.

    Raises:
        UsageError: A label or name is unknown; the known ones are listed.
    """
    for name in (name for gate in gates for name in gate.terms):
        if name.label not in labels:
            raise unknown_name("model", name.label, labels)
        if ".".join(name.parts) not in parts:
            raise unknown_name("figure", ".".join(name.parts), parts)


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
        raise GateUndecidedError(
            f"expected, and these seeds cannot decide it: {'; '.join(undecided)}",
            "More seeds (--seeds) narrow the intervals.",
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
    counts = {len(quantity.per_seed) for _, quantity in noisy}
    if len(counts) != 1 or counts <= {0, 1}:
        return total, None
    sums = [exact + math.fsum(values) for values in _by_seed(noisy)]
    if not all(map(math.isfinite, sums)):
        return total, None
    summary = estimate(sums)
    return summary.mean, summary.interval()


def _by_seed(noisy: Sequence[tuple[float, Quantity]]) -> Iterator[list[float]]:
    for values in zip(*(quantity.per_seed for _, quantity in noisy), strict=True):
        yield [factor * value for (factor, _), value in zip(noisy, values, strict=True)]


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


class _Parser:
    """Reads one gate from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > LONGEST:
            raise UsageError(f"--expect has {len(text):,} characters", f"At most {LONGEST} are read.")
        self._tokens = list(self._read())
        self._next = 0

    def gate(self) -> Gate:
        constant, terms = self._side()
        operator = next((known for known in OPERATORS if self._took("sign", known)), None)
        if operator is None:
            self._refuse("one of >= <= > < was expected")
        right, right_terms = self._side()
        if self._next < len(self._tokens):
            self._refuse("nothing more was expected")
        for name, factor in right_terms.items():
            terms[name] = terms.get(name, 0.0) - factor
        if not terms:
            raise UsageError(f"--expect {self.text!r} names nothing that is measured", _EXAMPLE)
        return Gate(self.text.strip(), operator, constant - right, terms)

    def _side(self) -> tuple[float, dict[Name, float]]:
        constant, terms = 0.0, dict[Name, float]()
        sign = -1.0 if self._took("sign", "-") else 1.0
        while True:
            factor, name = self._term()
            if name is None:
                constant += sign * factor
            else:
                terms[name] = terms.get(name, 0.0) + sign * factor
            if self._took("sign", "+"):
                sign = 1.0
            elif self._took("sign", "-"):
                sign = -1.0
            else:
                return constant, terms

    def _term(self) -> tuple[float, Name | None]:
        number = self._take("number")
        if number is None:
            name = self._name()
            if not self._took("sign", "*"):
                return 1.0, name
            number = self._take("number")
            if number is None:
                self._refuse("a number was expected after *")
            return self._finite(number), name
        return self._finite(number), self._name() if self._took("sign", "*") else None

    def _name(self) -> Name:
        label = self._take("word") or self._take("double") or self._take("single")
        if label is None:
            self._refuse("a number, or a name such as lstm.half_life, was expected")
        parts = []
        while self._took("sign", "."):
            part = self._take("word")
            if part is None:
                self._refuse("a name was expected after the dot")
            parts.append(part)
        if not parts:
            self._refuse(f"{label!r} is a model: which of its figures, as in {label}.half_life?")
        return Name(label, tuple(parts), self._index())

    def _index(self) -> int | None:
        if not self._took("sign", "["):
            return None
        number = self._take("number")
        if number is None or not number.isdecimal() or not self._took("sign", "]"):
            self._refuse("a whole number in brackets was expected, as in [100]")
        return int(number)

    def _finite(self, number: str) -> float:
        value = float(number)
        if not math.isfinite(value):
            self._refuse(f"{number} is too large")
        return value

    def _read(self) -> Iterator[tuple[str, str]]:
        position = 0
        end = len(self.text.rstrip())
        while position < end:
            match = _TOKEN.match(self.text, position)
            if match is None:
                raise UsageError(
                    f"--expect {self.text!r}: {self.text[position:].strip()[:20]!r} cannot be read", _EXAMPLE
                )
            yield str(match.lastgroup), match[str(match.lastgroup)]
            position = match.end()

    def _take(self, kind: str) -> str | None:
        if self._next < len(self._tokens) and self._tokens[self._next][0] == kind:
            self._next += 1
            return self._tokens[self._next - 1][1]
        return None

    def _took(self, kind: str, token: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next] == (kind, token):
            self._next += 1
            return True
        return False

    def _refuse(self, expected: str) -> NoReturn:
        here = "the end" if self._next >= len(self._tokens) else repr(self._tokens[self._next][1])
        raise UsageError(f"--expect {self.text!r}: at {here}, {expected}", _EXAMPLE)


_EXAMPLE = (
    """Write it like --expect "lstm.half_life > 5" or --expect "gru.accuracy >= lstm.accuracy - 0.01"."""
)
