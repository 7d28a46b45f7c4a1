"""The pictures and the page of a run seen from inside: change of h, gates over time, leanings, drift."""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes

from seqcli.reports.draw.axes import colour_of
from seqcli.reports.draw.document import Document, Facts, Grid
from seqcli.reports.draw.panel import SMALL, Panel, add_legend, write_above
from seqcli.reports.draw.printable import printable
from seqcli.reports.draw.sheet import sheet_of
from seqcli.reports.numbers import fixed
from seqcli.reports.words.probe_words import gate_name
from seqcli.results.look import Look, LookedStep
from seqcli.results.wording import share_words

MOST_NAMED = 30  # words below an axis; more would stand on each other
METHODS: Facts = (
    ("Change of h", "The length of h after a word less h before it, of the top layer's first direction."),
    ("Gates", "The mean over the units of a gate, from 0 (shut) to 1 (open), by the cell's equations."),
    (
        "Leaning",
        "The answer that the run gives to the text up to each word; of a tagger, its answer at the word.",
    ),
    (
        "Nearest",
        "The training text whose state, as the head reads it, has the largest cosine with this one's.",
    ),
)


def look_panels(result: Look) -> tuple[Panel, ...]:
    """The change of h, the gates, and what the run leans to, or how the context drifts."""
    panels = [_changes(result)]
    if result.steps[0].gates:
        panels.append(_gates(result))
    if result.written is not None:
        panels.append(_drift(result))
    elif any(step.leaning is not None for step in result.steps):
        panels.append(_leanings(result))
    return tuple(panels)


def _named(axes: Axes, result: Look) -> None:
    """The words below the axis, each under its step where they have room."""
    words = [printable(word) for word in words_of(result.steps)]
    step = -(-len(words) // MOST_NAMED)
    places = range(0, len(words), step)
    axes.set_xticks(list(places), [words[place] for place in places], rotation=90, fontsize=SMALL)


def _changes(result: Look) -> Panel:
    def draw(axes: Axes) -> None:
        axes.bar(range(len(result.steps)), [step.change for step in result.steps], color=colour_of(0))
        axes.set_ylabel("|h − h before|")
        _named(axes, result)

    largest = max(result.steps, key=lambda step: step.change)
    return Panel(
        "How far each word moves the hidden state",
        f"The largest change is {fixed(largest.change, 2)}, at {largest.token}.",
        draw,
    )


def _gates(result: Look) -> Panel:
    names = list(result.steps[0].gates)

    def draw(axes: Axes) -> None:
        values = [[step.gates[name] for step in result.steps] for name in names]
        axes.imshow(values, cmap="Greys", vmin=0, vmax=1, aspect="auto")
        axes.set_yticks(range(len(names)), [gate_name(result.cell, name) for name in names])
        _named(axes, result)

    means = [sum(step.gates[name] for step in result.steps) / len(result.steps) for name in names]
    parts = ", ".join(
        f"{gate_name(result.cell, name)} {fixed(mean, 2)}" for name, mean in zip(names, means, strict=True)
    )
    return Panel("Gates word by word, dark where open", f"Mean openness: {parts}.", draw)


def _leanings(result: Look) -> Panel:
    def draw(axes: Axes) -> None:
        axes.plot(
            range(len(result.steps)),
            [step.probability or 0.0 for step in result.steps],
            color=colour_of(0),
            marker="o",
        )
        for place, step in enumerate(result.steps):
            if place == 0 or step.leaning != result.steps[place - 1].leaning:
                write_above(axes, printable(step.leaning or ""), (place, step.probability or 0.0))
        axes.set(ylim=(0, 1.08), ylabel="probability of the answer")
        _named(axes, result)

    last = result.steps[-1]
    return Panel(
        "What it leans to after each word",
        f"At the end: {last.leaning}, {share_words(last.probability or 0.0)}.",
        draw,
    )


def _drift(result: Look) -> Panel:
    def draw(axes: Axes) -> None:
        places = range(len(result.steps))
        axes.plot(places, [step.to_first for step in result.steps], color=colour_of(0), label="to the first")
        axes.plot(places, [step.to_last for step in result.steps], color=colour_of(1), label="to the last")
        axes.set_ylabel("cosine of the context")
        _named(axes, result)
        add_legend(axes)

    return Panel(
        "The context vector drifts with the words read",
        f"At the end its cosine with that after the first word is {fixed(result.steps[-1].to_first, 2)}.",
        draw,
    )


def look_document(result: Look) -> Document:
    """The page of a look."""
    return Document(
        sheet=sheet_of(result),
        panels=look_panels(result),
        guide=(),
        parts=(),
        grids=tuple(_grids(result)),
        data=(("Run", result.run), ("Task", result.task), ("Text", result.text)),
        methods=METHODS,
        signature=f"{result.model} {result.task}",
    )


def _grids(result: Look) -> Iterator[Grid]:
    """Every layer and direction: the change of its h at each word."""
    words = words_of(result.steps)
    heads = [f"layer {layer.layer + 1} {layer.direction}" for layer in result.layers]
    rows = tuple(
        (word, *(fixed(layer.changes[place], 3) for layer in result.layers))
        for place, word in enumerate(words)
    )
    yield Grid("Change of h, layer by layer", ("word", *heads), rows)
    if result.nearest:
        yield Grid(
            "Nearest training texts",
            ("cosine", "label", "text"),
            tuple((fixed(near.similarity, 3), near.label or "", near.text) for near in result.nearest),
        )


def words_of(steps: Sequence[LookedStep]) -> list[str]:
    """The tokens as a picture writes them below its axis."""
    return [step.token if step.token.strip() else "·" for step in steps]
