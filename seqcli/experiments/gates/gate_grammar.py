"""The grammar of gates: from text to a sum of named figures that is compared with 0. Never evaluated.

    gate   = side op side              op = >= | <= | > | <
    side   = [-] term {(+ | -) term}   term = number [%] [* name] | name [* number [%]]
    name   = [baseline.]label{.part}[[index]]

A label is a word, or any text in quotes: "gru hidden=148".accuracy. `baseline.gru.accuracy` is the figure of
the earlier result that `--baseline` names. `90 %` is 0.90, for scores that are shares.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn

from seqcli.errors import UsageError
from seqcli.models.spec import canonical_label

EARLIER = "baseline"
"""What stands before the names of an earlier result's figures."""

LONGEST = 500
"""The most characters of a gate."""

Operator = Literal[">=", "<=", ">", "<"]
OPERATORS: tuple[Operator, ...] = (">=", "<=", ">", "<")

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])"""
    r"""|(?P<word>[A-Za-z_]\w*)|"(?P<double>[^"]+)"|'(?P<single>[^']+)'"""
    r"""|(?P<sign>>=|<=|[><+*\-.\[\]%]))""",
    re.ASCII,
)


@dataclass(frozen=True)
class GateName:
    """A figure's name in a gate.

    Args:
        label: The model's label in the result.
        parts: The names below it in the JSON document.
        index: Which of a list, such as a lag.
        earlier: Whether it is of the earlier result.
    """

    label: str
    parts: tuple[str, ...]
    index: int | None = None
    earlier: bool = False

    def __str__(self) -> str:
        word = self.label if re.fullmatch(r"[A-Za-z_]\w*", self.label, re.ASCII) else f'"{self.label}"'
        index = "" if self.index is None else f"[{self.index}]"
        return ".".join((*([EARLIER] if self.earlier else ()), word, *self.parts)) + index


@dataclass(frozen=True)
class Gate:
    """A parsed gate: the sum of constant and terms compared with 0.

    Args:
        text: As written.
        operator: How left less right compares with 0.
        constant: Left's numbers less right's.
        terms: The factor of each name, left's less right's.
        percent: Whether a number in it has a percent sign.
    """

    text: str
    operator: Operator
    constant: float
    terms: Mapping[GateName, float]
    percent: bool = False


def parse_gate(text: str) -> Gate:
    """Read a gate.

    Raises:
        UsageError: Not of the grammar; says where and what was expected.
    """
    return _Parser(text).gate()


class _Parser:
    """Reads one gate from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > LONGEST:
            raise UsageError(f"--expect has {len(text):,} characters", f"At most {LONGEST} are read.")
        self._tokens = list(self._read())
        self._next = 0
        self._percent = False

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
        return Gate(self.text.strip(), operator, constant - right, terms, self._percent)

    def _side(self) -> tuple[float, dict[GateName, float]]:
        constant, terms = 0.0, dict[GateName, float]()
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

    def _term(self) -> tuple[float, GateName | None]:
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

    def _name(self) -> GateName:
        label = self._label()
        if label is None:
            self._refuse("a number, or a name such as lstm.half_life, was expected")
        parts: list[str] = []
        while self._took("sign", "."):
            part = self._label() if label == EARLIER and not parts else self._take("word")
            if part is None:
                self._refuse("a name was expected after the dot")
            parts.append(part)
        earlier = label == EARLIER and len(parts) > 1
        if earlier:
            label = parts.pop(0)
        if not parts:
            self._refuse(f"{label!r} is a model: which of its figures, as in {label}.half_life?")
        return GateName(label, tuple(parts), self._index(), earlier)

    def _label(self) -> str | None:
        label = self._take("word") or self._take("double") or self._take("single")
        return None if label is None else canonical_label(label)

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
        if self._took("sign", "%"):
            self._percent = True
            return value / 100
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
        token = "the end" if self._next >= len(self._tokens) else repr(self._tokens[self._next][1])
        raise UsageError(f"--expect {self.text!r}: at {token}, {expected}", _EXAMPLE)


_EXAMPLE = (
    """Write it like --expect "lstm.half_life > 5" or --expect "gru.accuracy >= lstm.accuracy - 0.01"."""
)
