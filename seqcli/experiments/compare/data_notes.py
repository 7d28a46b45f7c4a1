"""Notes on the data before anything is trained: its reading, and the losses of its preparation."""

from collections.abc import Sequence

from seqcli.data.prepared import Prepared
from seqcli.experiments.compare.conclude import data_notes
from seqcli.results.measurements import Sitting


def about_data(prepared: Prepared) -> list[str]:
    """The lines to show: sizes, guessed columns with the first rows as read, and what was lost."""
    facts = prepared.facts
    sizes = " / ".join(f"{len(prepared.splits[split]):,} {split}" for split in ("train", "valid", "test"))
    classes = f" · {len(prepared.labels)} classes" if prepared.labels else ""
    lines = [f"{prepared.name}  {facts.source} · {sizes}{classes}"]
    if facts.guessed:
        first, second = facts.column_options
        lines.append(f"guessed: {first} {facts.text_column} {second} {facts.label_column}; the first rows:")
        lines += [
            "  " + " | ".join(f"{column}: {shortened(value)}" for column, value in row.items())
            for row in facts.head
        ]
    return [*lines, *(f"{sentence}." for sentence in data_notes(facts))]


def about_kept_cost(sittings: Sequence[Sitting]) -> str:
    """That cost was not measured by this command, but when and where it was."""
    last = sittings[-1]
    return (
        f"speed, latency and memory are kept from {last.date} on {last.machine.host} ({last.machine.cpu}):"
        " nothing was timed anew; --measure-again adds a sitting"
    )


def shortened(text: str, most: int = 60) -> str:
    """The text's beginning on one line."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
