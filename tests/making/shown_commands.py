"""The commands and the blocks that a page of documentation shows."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands_in(text: str) -> list[str]:
    """The command lines, in their order."""
    return re.findall(r"^\$ (seqcli .*)$", text, re.MULTILINE)


def blocks_in(text: str) -> list[str]:
    """The fenced blocks, with what was printed."""
    return re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL)


def inline_commands_in(text: str) -> list[str]:
    """The commands within sentences and tables that are whole: none with a placeholder in capitals."""
    matches = re.findall(r"`(seqcli [^`…]*)`", text)
    return [command for command in matches if not re.search(r"\b[A-Z]{3,}\b|\bF\.", command)]
