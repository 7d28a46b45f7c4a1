"""The names in gates, checked before anything runs: a figure that is not there would be told after hours."""

import math
from collections.abc import Collection, Sequence

from seqcli.errors import UsageError, unknown_name
from seqcli.experiments.gates.gate_grammar import EARLIER, Gate, GateName
from seqcli.results.wording import shortest


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
            spelt = [str(GateName(label, ())) for label in known]
            raise unknown_name(f"{EARLIER} model" if name.earlier else "model", name.label, spelt)
        figure = ".".join(name.parts)
        if figure not in parts:
            raise unknown_name("figure", figure, parts)
        _check_index(name, figure, is_list=figure in lists)


def check_shares(gates: Sequence[Gate], shares: Collection[str]) -> None:
    """Refuse numbers that a score from 0 to 1 cannot reach, and percent signs of what is no share.

    Args:
        gates: Parsed gates, whose names are known.
        shares: The figures that are shares.

    Raises:
        UsageError: Which gate, and how to write it.
    """
    for gate in gates:
        all_shares = all(".".join(name.parts) in shares for name in gate.terms)
        if gate.percent and not all_shares:
            raise UsageError(
                f"--expect {gate.text!r} has a percent sign, and not all of its figures are shares",
                "Write the number in the figure's own unit.",
            )
        most = math.fsum(abs(factor) for factor in gate.terms.values())
        if all_shares and abs(gate.constant) > most:
            meant = abs(gate.constant) / 100
            raise UsageError(
                f"--expect {gate.text!r}: {', '.join(map(str, gate.terms))} is a share from 0 to 1,"
                f" which {abs(gate.constant):g} is beyond",
                f"Write {shortest(meant, 4)} or {abs(gate.constant):g} % in place of it.",
            )


def _check_index(name: GateName, figure: str, *, is_list: bool) -> None:
    if is_list and name.index is None:
        raise UsageError(f"--expect names {name}, a list", f"Say which of them, such as {figure}[0].")
    if name.index is not None and not is_list:
        raise UsageError(f"--expect names {name}, but {figure} is not a list", "Leave out the index.")
