"""The one-character signs that stand for a verdict; each is read without colour, and has a word."""

from typing import Literal

Mark = Literal["better", "worse", "equivalent", "undecided", "supported", "refuted", "depends", "failed"]

GLYPHS: dict[Mark, str] = {
    "better": "▲",
    "worse": "▼",
    "equivalent": "=",
    "undecided": "?",
    "supported": "✓",
    "refuted": "✗",
    "depends": "~",
    "failed": "!",
}

STYLES: dict[Mark, str] = {
    "better": "green",
    "worse": "red",
    "equivalent": "cyan",
    "undecided": "yellow",
    "supported": "green",
    "refuted": "red",
    "depends": "magenta",
    "failed": "bold red",
}
