"""A sentence that a person reads is held in one test file: a comma in it breaks one test, and not ten."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
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


LONG = 6
"""Words from which on an assertion holds a wording, and not the fact in it: a name, a number, an option."""

WORD = re.compile(r"(?<!\S)[(\"'`]?[A-Za-z][A-Za-z'’-]*[),.;:\"'`]*(?!\S)")
"""What a person would count as a word: no number, no --option, no path."""

MESSAGES = {
    *("reports/", "making/", "goldens/"),
    *("config/", "cluster/", "cli/test_bad_input.py"),
}
"""Where wordings are what is tested: drawings, the goldens, and messages about settings and commands."""


def texts_in(node: ast.AST) -> Iterator[str]:
    """The texts of an expression, `{}` for what is filled into one."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    else:
        for inner in ast.iter_child_nodes(node):
            yield from texts_in(inner)


def long_assertions(tree: ast.AST) -> list[str]:
    """The long sentences that a test asserts: in `assert`, or as the pattern of `raises` or `warns`.

    The cases of a parametrized test are not among them: a table of messages is their test.
    """
    asserted_nodes = [node.test for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    patterns = [
        keyword.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("raises", "warns")
        for keyword in node.keywords
        if keyword.arg == "match"
    ]
    texts = {text for node in [*asserted_nodes, *patterns] for text in texts_in(node)}
    return sorted(text for text in texts if len(WORD.findall(text)) >= LONG)


def test_a_long_sentence_is_found_in_an_assertion_and_not_in_its_cases():
    lines = (
        '@pytest.mark.parametrize("says", ["a table of messages is their own test"])\n'
        'def test(says):\n    assert f"{says} is no name that anybody knows of" in text\n'
        '    assert "--hidden 8 is too small" in text\n'
        '    with pytest.raises(E, match="the rows of it do not pair here"):\n        f()\n'
    )
    assert long_assertions(ast.parse(lines)) == [
        "the rows of it do not pair here",
        "{} is no name that anybody knows of",
    ]


MOST = 132
"""Long sentences asserted outside the tests of messages; the number only gets smaller."""


def test_few_tests_assert_a_whole_sentence_where_a_record_or_one_fact_would_do():
    sentences = [
        (name, text)
        for path in TESTS.rglob("*.py")
        if not (name := path.relative_to(TESTS).as_posix()).startswith(tuple(MESSAGES))
        for text in long_assertions(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(sentences) <= MOST, sentences
