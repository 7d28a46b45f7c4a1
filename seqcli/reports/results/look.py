"""`seqcli.look/1` laid out: a row a word, then what is layer and what is state."""

from collections.abc import Iterator

from seqcli.models.spec import called
from seqcli.registry import later
from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.reports.numbers import fixed
from seqcli.reports.words.probe_words import gate_name
from seqcli.results.look import Look, LookedStep, Nearest
from seqcli.results.wording import counted, share_words

BAR = "▁▂▃▄▅▆▇█"
LONGEST_TEXT = 40  # letters of a near text beside the other columns; whole in JSON and on the page
LONGEST_NEAR = 100  # letters of a near text on a line of its own


def sheet(result: Look) -> Sheet:
    """Word by word: the change of h, the gates, what it leans to, the training text nearest to it."""
    gates = list(result.steps[0].gates)
    leans = any(step.leaning is not None for step in result.steps)
    near = any(step.nearest is not None for step in result.steps)
    drift = result.written is not None
    columns = (
        Column("change of h"),
        *(Column(gate_name(result.cell, name)) for name in gates),
        *((Column("leans to"),) if leans else ()),
        *((Column("like the first"), Column("like the last")) if drift else ()),
        *((Column("nearest training text", spare=1),) if near else ()),
    )
    most = max(step.change for step in result.steps)
    rows = tuple(
        Row(
            _shown(step.token) + ("" if step.known else " (unknown)"),
            (
                SheetCell(f"{fixed(step.change, 2)} {_level(step.change / most if most else 0.0)}"),
                *(SheetCell(f"{fixed(step.gates[name], 2)} {_level(step.gates[name])}") for name in gates),
                *((SheetCell(_leaning(step)),) if leans else ()),
                *((SheetCell(fixed(step.to_first, 2)), SheetCell(fixed(step.to_last, 2))) if drift else ()),
                *((SheetCell(_near(step.nearest, LONGEST_TEXT)),) if near else ()),
            ),
        )
        for step in result.steps
    )
    sections = (
        Section("what changes", tuple(_moving(result))),
        Section("layer and state", tuple(_constant(result))),
        Section("nearest training texts", tuple(_neighbours(result))),
    )
    return Sheet(
        heading=f"{called(result.model)} on {result.task}, from inside",
        title=(Line(f"{called(result.model)} · {result.task} · {counted(len(result.steps), 'step')}"),),
        columns=columns,
        rows=rows,
        sections=tuple(section for section in sections if section.lines),
        corner="read",
    )


SHEET = sheet
PANELS = later("seqcli.reports.parts.look_figure", "look_panels")
DOCUMENT = later("seqcli.reports.parts.look_figure", "look_document")


def _shown(token: str) -> str:
    """Return a token as it can be seen: one of blanks by their mark."""
    return token if token.strip() else "␣" * max(len(token), 1)


def _level(share: float) -> str:
    """A block as high as a share of 1."""
    return BAR[min(max(int(share * len(BAR)), 0), len(BAR) - 1)]


def _leaning(step: LookedStep) -> str:
    return "" if step.leaning is None else f"{step.leaning} {share_words(step.probability or 0.0)}"


def _near(near: Nearest | None, most: int) -> str:
    if near is None:
        return ""
    text = near.text if len(near.text) <= most else f"{near.text[: most - 1]}…"
    return f"{text} ({near.label})" if near.label is not None else text


def _moving(result: Look) -> Iterator[Line]:
    """The words that changed the state most, and where the answer turned."""
    largest = sorted(result.steps, key=lambda step: -step.change)[:3]
    named = ", ".join(f"{_shown(step.token)} {fixed(step.change, 2)}" for step in largest)
    yield Line(f"h changed most at {named}")
    turns = [
        f"{_shown(step.token)}: {before.leaning} → {step.leaning}"
        for before, step in zip(result.steps, result.steps[1:], strict=False)
        if before.leaning != step.leaning
    ]
    if turns and not result.answers_each_step:
        yield Line(f"the answer turns at {'; '.join(turns[:4])}")
    if result.written is not None:
        yield Line(result.written, lead="written")
        first, last = result.steps[-1].to_first, result.steps[0].to_last
        yield Line(
            f"the context vector drifts: after {counted(len(result.steps), 'word')} its cosine with that"
            f" after the first word is {fixed(first if len(result.steps) > 1 else last, 2)}"
        )


def _constant(result: Look) -> Iterator[Line]:
    """The lines on layer and state, and on the shares of U, V and W."""
    weights = sum(layer.weights for layer in result.layers)
    state = sum(layer.state for layer in result.layers)
    count = counted(len({layer.layer for layer in result.layers}), "layer")
    yield Line(
        f"{count}: {weights:,} weights, the same at each of the {counted(len(result.steps), 'step')}",
        lead="layer",
    )
    yield Line(f"{counted(state, 'number')} that every step changes", lead="state")
    shares = result.shares
    parts = (
        ("U, inputs to state", shares.input),
        ("V, state to state", shares.recurrent),
        ("W, to the answer", shares.output),
        ("biases", shares.bias),
        ("embedding", shares.embedding),
    )
    listing = " · ".join(f"{name} {count:,} ({share_words(count / shares.total)})" for name, count in parts)
    yield Line(f"{listing} of {shares.total:,}", lead="parameters")


def _neighbours(result: Look) -> Iterator[Line]:
    """The training texts that end in a state like this one's."""
    for near in result.nearest:
        yield Line(_near(near, LONGEST_NEAR), lead=fixed(near.similarity, 2))
    if result.nearest_missing:
        yield Line(f"no training texts to compare with: {result.nearest_missing}", role="quiet")
