"""Every sentence that the program can print, collected from its source, held to plain words."""

import ast
import re
from pathlib import Path

import pytest

import seqcli

ROOT = Path(seqcli.__file__).parent
FILES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))

NAMES_OF_FILES = re.compile(r"^`list` \(nothing does the same\)")
"""The parts of the cache are named in the help as its folders are, `legs` among them."""

RIDDLES = re.compile(
    r"\btells\b|\bsays? nothing to\b|\bstands? apart\b|\bcounts? all the same\b|\blegs?\b|\bcost block\b"
    r"|(?<!there )\bis no (?:JSON|run|file|score|list|table|result)\b"
    r"|\bstarted otherwise\b|\botherwise than\b|\bthe surest\b|\bis of schema\b|\bnothing but\b|\bbuys\b",
)
"""What a native reader would stumble over, and the code's own word for a training run."""


def sentences(tree):
    """The strings with a blank in them that are no docstrings: the words between a message's values too."""
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes
        if " " in node.value.strip()
    ]


def test_a_riddle_is_found_in_a_message_and_not_in_a_docstring():
    tree = ast.parse('def leg():\n    """A leg of it."""\n    return f"{leg} is no JSON: the leg failed"\n')
    assert [RIDDLES.findall(text) for text in sentences(tree)] == [["is no JSON", "leg"]]


@pytest.mark.parametrize("name", FILES)
def test_what_a_person_reads_is_in_plain_words(name):
    texts = sentences(ast.parse((ROOT / name).read_text("utf-8")))
    assert [text for text in texts if RIDDLES.search(text) and not NAMES_OF_FILES.match(text)] == []


def test_hundreds_of_sentences_are_held():
    count = sum(len(sentences(ast.parse((ROOT / name).read_text("utf-8")))) for name in FILES)
    assert count > 1000
