"""A sentence that a person reads is held in one test file: a comma in it breaks one test, and not ten."""

import ast
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parents[1]
NOT_ASSERTED = {"reports/records.py", "making/test_wording.py"}
"""The words of a record are its own; a test of a drawing repeats them."""

FEWEST = 5
"""Words that make a sentence; a test may look for fewer, a name or a number, wherever it needs them."""


def asserted(tree: ast.AST) -> set[str]:
    """The sentences of a test file, docstrings left out."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value.strip()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone
    ]
    return {text for text in texts if len(text.split()) >= FEWEST and "\n" not in text}


def is_command(text: str) -> bool:
    return text.startswith("seqcli ")


def test_a_sentence_is_told_from_a_docstring_and_from_a_name():
    lines = (
        'def f():\n    "Held by a docstring alone here."\n    assert "one two three four five" == "one two"\n'
    )
    assert asserted(ast.parse(lines)) == {"one two three four five"}


def test_what_seqcli_says_is_held_in_one_file():
    where = defaultdict(set)
    for path in TESTS.rglob("*.py"):
        name = path.relative_to(TESTS).as_posix()
        for text in asserted(ast.parse(path.read_text(encoding="utf-8"))) if name not in NOT_ASSERTED else ():
            where[text].add(name)
    twice = {text: sorted(files) for text, files in where.items() if len(files) > 1}
    assert {text: files for text, files in twice.items() if not is_command(text)} == {}
