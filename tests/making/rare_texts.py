"""A table of texts of which one in five is of the rare class."""

from pathlib import Path


def write_rare_texts(folder: Path, rows: int, *, told_in_all: bool) -> Path:
    """A word tells the rare class in all of its texts or in two of three; their numbers tell nothing."""
    lines = ["text,label"]
    for number in range(rows):
        rare = number % 5 == 0
        word = "odd" if rare and (told_in_all or number % 3) else "plain"
        lines.append(f"text {number % 11} {word} {number},{'rare' if rare else 'often'}")
    path = folder / "rare.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
