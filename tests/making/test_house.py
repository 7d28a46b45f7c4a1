"""The house as a graph of imports and as text: no circle anywhere, no list of models by hand."""

import ast
import doctest
import gc
import importlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest

import seqcli

ROOT = Path(seqcli.__file__).parent
FILES = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("*.py"))]
NAMES = "rnn|lstm|gru|seq2seq"
BY_HAND = re.compile(rf"\b(?:{NAMES})(?:, | or | and |, or )(?:{NAMES})\b")

TYPE = re.compile(r"_?[A-Z]\w*[a-z]\w*")


@pytest.fixture(scope="module", autouse=True)
def _trees_are_no_garbage():
    """A million nodes live to the end: to look through them for garbage takes longer than the tests."""
    gc.disable()
    yield
    gc.enable()


@cache
def tree_of(name: str) -> ast.Module:
    """A file as Python reads it, read once for all tests."""
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


@cache
def nodes_of(tree: ast.Module) -> list[ast.AST]:
    """A module's nodes, walked once for all tests."""
    return list(ast.walk(tree))


def breaking(rule: Callable[[ast.Module], object]) -> dict[str, object]:
    """What a rule finds fault with, by file: one test for all, for 600 tests of a millisecond take 20 s."""
    mapping = {name: rule(tree_of(name)) for name in FILES}
    return {name: faults for name, faults in mapping.items() if faults}


def in_circles(imports: dict[str, set[str]]) -> set[str]:
    """What is left when, again and again, all is taken away that imports nothing of the rest, and back."""
    left = set(imports)
    while True:
        inner = {name for name in left if imports[name] & left - {name}}
        inner = {name for name in inner if any(name in imports[other] for other in inner - {name})}
        if inner == left:
            return left
        left = inner


def test_modules_that_import_one_another_are_found_however_long_the_way():
    chain = {"a": {"b"}, "b": {"c"}, "c": set(), "d": {"a"}}
    assert in_circles(chain) == set()
    assert in_circles({**chain, "c": {"a"}}) == {"a", "b", "c"}


def test_no_module_imports_itself_by_way_of_others_not_even_within_a_function_or_for_types():
    graph = grimp.build_graph("seqcli", cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    assert in_circles(imports) == set()


def test_lists_of_models_come_from_the_registry():
    def lists(tree):
        texts = [node.value for node in nodes_of(tree) if isinstance(node, ast.Constant)]
        return [text for text in texts if isinstance(text, str) and BY_HAND.search(text)]

    assert breaking(lists) == {}


def late_names(tree: ast.Module) -> list[tuple[str, str]]:
    """What a module says it will import later, by module and name: no type checker reads these strings."""
    calls = [node for node in nodes_of(tree) if isinstance(node, ast.Call)]
    named = [call.args for call in calls if getattr(call.func, "id", "") == "later"]
    return [(ast.literal_eval(module), ast.literal_eval(name)) for module, name in named]


def test_what_is_imported_later_is_there():
    def missing(tree):
        return [
            f"{module}:{name}"
            for module, name in late_names(tree)
            if name
            not in {
                getattr(node, "name", "")
                for node in tree_of(f"{module.removeprefix('seqcli.').replace('.', '/')}.py").body
            }
        ]

    assert sum(len(late_names(tree_of(name))) for name in FILES) > 15
    assert breaking(missing) == {}


def declared(tree: ast.Module) -> list[frozenset[str]]:
    """The words of each Literal that has several."""
    values = []
    for node in nodes_of(tree):
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "Literal":
            words = {item.value for item in ast.walk(node.slice) if isinstance(item, ast.Constant)}
            if len(words) > 1:
                values.append(frozenset(map(str, words)))
    return values


def test_the_words_of_a_verdict_are_declared_once():
    everywhere = [
        (words, name) for name in FILES for words in declared(tree_of(name)) if "undecided" in words
    ]
    where = {words: [name for other, name in everywhere if other == words] for words, _ in everywhere}
    assert {words: names for words, names in where.items() if len(names) > 1} == {}
    assert where[frozenset({"better", "worse", "equivalent", "undecided"})] == ["results/common.py"]


PLUG_INS = {
    "cli/commands",
    "data/kinds",
    "data/signal_sources",
    "data/sources",
    "data/tokenizers",
    "experiments/guide/parts",
    "experiments/protocols",
    "launch/engines",
    "launch/jobs",
    "models/architectures",
    "models/attentions",
    "models/baselines",
    "models/cells",
    "models/heads",
    "reports/formats",
    "reports/results",
    "reports/views",
    "tasks",
}
"""Rooms of a registry: a file there is named after its thing, whatever else is."""

ONE_A_SCHEMA = "results"
NAMED_BY_CUSTOM = {"__init__.py", "__main__.py", "config.py"}


def named_in(tree: ast.Module) -> list[str]:
    """The classes of a module and the types that it names: `Row = tuple[str, ...]`."""
    classes = [node.name for node in nodes_of(tree) if isinstance(node, ast.ClassDef)]
    targets = [node.targets[0] for node in tree.body if isinstance(node, ast.Assign)]
    types = [target.id for target in targets if isinstance(target, ast.Name) and TYPE.fullmatch(target.id)]
    return classes + types


def twice(names: list[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def test_a_name_that_is_declared_in_two_modules_is_found():
    result = named_in(ast.parse("Row = tuple[str, ...]\nLIMIT = 3\nclass Page: pass"))
    other = named_in(ast.parse("LIMIT = 4\nclass Row: pass"))
    assert twice([*result, *other]) == ["Row"]


def test_every_room_of_a_registry_is_known_to_this_test():
    registered = {
        match.replace("seqcli.", "", 1).replace(".", "/")
        for name in FILES
        for match in re.findall(r'Registry\(\s*"[^"]+", "([^"]+)"', (ROOT / name).read_text(encoding="utf-8"))
    }
    assert registered == PLUG_INS


def test_a_files_name_stands_once():
    paths = [Path(name) for name in FILES]
    free = [path for path in paths if path.parent.as_posix() not in PLUG_INS | {ONE_A_SCHEMA}]
    assert twice([path.name for path in free if path.name not in NAMED_BY_CUSTOM]) == []


def test_a_class_or_a_named_type_stands_once():
    trees = [tree_of(name) for name in FILES]
    assert twice([name for tree in trees for name in set(named_in(tree))]) == []


OF_A_FINISHED_RUN = {"SUMMARY_FILE", "TIMING_FILE", "METRICS_FILE", "PREDICTIONS_FILE"}


def test_what_a_finished_run_reached_and_answered_is_read_in_one_place():
    reading = {
        name
        for name in FILES
        for node in nodes_of(tree_of(name))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "read"
        if any(getattr(arg, "id", "") in OF_A_FINISHED_RUN for arg in node.args)
    }
    assert reading == {"runs/finished_run.py"}


ASKED_OF_A_PERSON = {"Which recurrent model fits your sequences, and how sure is that?"}
"""The first line of `seqcli --help`."""

OPENINGS = re.compile(r"(?:What|How|Whether|Where|When|Why|Who|Which)\b")


def first_words(tree: ast.Module) -> list[str]:
    """The first lines of a module's docstrings: its own, and those of its classes and functions."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [ast.get_docstring(node) for node in nodes_of(tree) if isinstance(node, documented)]
    return [text.splitlines()[0] for text in texts if text]


def test_a_docstring_that_opens_with_a_question_word_is_found_in_a_class_too():
    method = 'class A:\n    """What sums."""\n    def f(self):\n        """Return it."""'
    tree = ast.parse(f'"""The sum."""\n{method}')
    assert [line for line in first_words(tree) if OPENINGS.match(line)] == ["What sums."]


def test_docstrings_open_with_a_noun_or_an_imperative():
    def questions(tree):
        return [line for line in first_words(tree) if OPENINGS.match(line) and line not in ASKED_OF_A_PERSON]

    assert breaking(questions) == {}


WORD = re.compile(r"(?<!\S)[(\"']?[A-Za-z][A-Za-z'’-]*[),.;:\"']*(?!\S)")
"""What a person would count as a word: no {field}, no --option, no number."""

SPEAKING = re.compile(r"reports/|tasks/|cli/|api/|config/|runs/|errors\.py$")
"""Where sentences belong: reports, pages of tasks, options, arguments and errors of a person's making."""

OF_OPTIONS_AND_ERRORS = re.compile(
    r"Flag|Positional|Field|Allowed|_?refuse\w*|\w*Error|Failed|TaskPage|PartPage|of_own_data|Architecture|Registry"
)
"""Calls whose sentences stand where they belong: help, an error, the page of a task or of a part of the
guide, the help of a model, the noun of a registry."""

STILL_SPEAKING = {
    "data/data_words.py",
    "training/card.py",
    "training/leg_notes.py",
}
"""Files below that still make sentences; the list only gets shorter.

Those of `data_words`, `leg_notes` and `card` are kept beside data and in run folders, which are written where
no report is.
"""


def text_of(node: ast.AST) -> str | None:
    """A literal as it reads, `{}` for what is filled in; None of any other node."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(value.value) if isinstance(value, ast.Constant) else "{}" for value in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def is_exempt(node: ast.AST) -> bool:
    """Whether it is a docstring, an error, or the help of an option."""
    if isinstance(node, ast.Call):
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        return OF_OPTIONS_AND_ERRORS.fullmatch(called) is not None
    return isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and text_of(node.value) is not None)


def loads(tree: ast.AST, name: str) -> list[list[ast.AST]]:
    """The way from the tree to each place where a name, or a method so called, is used."""
    return ways_to_names(tree).get(name, [])


@cache
def ways_to_names(tree: ast.AST) -> dict[str, list[list[ast.AST]]]:
    """The ways from the tree to all names that it uses, found in one walk: a module has hundreds."""
    ways: dict[str, list[list[ast.AST]]] = {}

    def walk(node: ast.AST, way: list[ast.AST]) -> None:
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.Name | ast.Attribute) and isinstance(inner.ctx, ast.Load):
                ways.setdefault(getattr(inner, "id", getattr(inner, "attr", "")), []).append([*way, inner])
            walk(inner, [*way, inner])

    walk(tree, [tree])
    return ways


@cache
def as_written(tree: ast.Module) -> str:
    """A module as it reads: two readings of one file are the same module."""
    return ast.dump(tree)


@cache
def using(name: str) -> list[ast.Module]:
    """The modules that use a name."""
    return [tree for tree in map(tree_of, FILES) if name in ways_to_names(tree)]


def others(tree: ast.Module, name: str) -> list[ast.Module]:
    """The other modules that use a name."""
    return [other for other in using(name) if other is not tree and as_written(other) != as_written(tree)]


def carriers(statement: ast.AST, inner: ast.AST, function: ast.AST | None) -> set[str]:
    """The names that hold a text once a statement has run: those assigned to, or the function's name."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign) or (
        isinstance(statement, ast.For | ast.comprehension) and inner is statement.iter
    ):
        targets = [statement.target]
    elif isinstance(statement, ast.Return) and function is not None:
        return {str(getattr(function, "name", ""))}
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


def only_in_errors(tree: ast.Module, way: list[ast.AST], known: frozenset[str] = frozenset()) -> bool:
    """Return whether the text at the end of a way goes into errors alone, by way of names.

    Its name may be another module's too. A condition or a comparison shows its text to nobody.
    """
    for place in range(len(way) - 1, -1, -1):
        node, inner = way[place], way[min(place + 1, len(way) - 1)]
        if is_exempt(node) or isinstance(node, ast.Compare) or getattr(node, "test", None) is inner:
            return True
        function = next(
            (outer for outer in reversed(way[:place]) if isinstance(outer, ast.FunctionDef)), None
        )
        names = carriers(node, inner, function)
        if names:
            is_local = function is not None and not isinstance(node, ast.Return)
            new = frozenset(names) - known
            uses = [
                (module, use)
                for name in new
                for module in ([tree] if is_local or name.startswith("_") else [tree, *others(tree, name)])
                for use in loads(function if is_local else module, name)
            ]
            return bool(uses or not new) and all(only_in_errors(*use, known | new) for use in uses)
    return False


def sentences_in(node: ast.AST) -> list[str]:
    """String literals of four or more words that are no docstring, no error, no help and no command to type.

    A text that has a name is an error's where all that the module does with it is to raise it.
    """
    return [] if not isinstance(node, ast.Module) else list(_sentences(node, [node]))


def _sentences(tree: ast.Module, way: list[ast.AST]) -> Iterator[str]:
    node = way[-1]
    if is_exempt(node):
        return
    result = text_of(node)
    if result is not None:
        if (
            len(WORD.findall(result)) >= 4
            and not result.startswith("seqcli ")
            and not only_in_errors(tree, way)
        ):
            yield result
        return
    for inner in ast.iter_child_nodes(node):
        yield from _sentences(tree, [*way, inner])


def test_a_sentence_is_told_from_a_docstring_an_error_and_the_help_of_an_option():
    tree = ast.parse(
        '"""A module of four words or more."""\n'
        'LIMIT = 3\n"""Why it is three and not four."""\n'
        'Flag("seeds", "how many seeds to run here")\n'
        'def f(n):\n    raise UsageError(f"it is not {n} but four words")\n'
        'TOLD = f"{LIMIT} of the seeds differ here"\nSHORT = "three words only"\n'
    )
    assert sentences_in(tree) == ["{} of the seeds differ here"]


def test_a_text_with_a_name_is_an_error_s_where_all_that_is_done_with_it_is_to_raise_it():
    raised = (
        'HINT = "one two three four"\n'
        '_FORMATS = (("a", "five six seven eight"),)\n'
        "def _reason(n):\n    return 'nine ten eleven twelve' if n else HINT\n"
        "def f(n):\n    for mark, reason in _FORMATS:\n        if mark == n:\n"
        "            raise DataError(reason, _reason(n))\n"
        "    more = HINT if n == HINT else ''\n    return UsageError(more)\n"
    )
    assert sentences_in(ast.parse(raised)) == []
    shown = raised + "def g():\n    print(HINT)\n"
    assert sentences_in(ast.parse(shown)) == ["one two three four"]
    assert sentences_in(ast.parse('_HINT = "one two three four"\n')) == ["one two three four"]


def test_sentences_are_made_in_reports():
    distinct = {name for name in FILES if not SPEAKING.match(name) and sentences_in(tree_of(name))}
    assert distinct == STILL_SPEAKING


NOT_FOR_A_PERSON = re.compile(
    r"(?<!-)\blegs?\b(?!, baselines)|\btells\b|\bsays? nothing to\b|\bstands? apart\b"
    r"|\bcounts? all the same\b|\bcost block\b|(?<!there )\bis no (?:JSON|run|file|score|list|table|result)\b"
    r"|\bstarted otherwise\b|\botherwise than\b|\bthe surest\b|\bis of schema\b|\bnothing but\b|\bbuys\b",
    re.IGNORECASE,
)
"""Words of the code, and turns that a native reader stumbles over; a person reads 'training run'.

`seqcli cache clear legs, baselines, …` names folders as they are called on the disk, and `--max-leg-time`
is what a person types.
"""


def spoken(tree: ast.AST) -> list[str]:
    """String literals of several words, those of options and errors too; docstrings left out."""
    notes = {id(node.value) for node in nodes_of(tree) if isinstance(node, ast.Expr)}
    texts = [text_of(node) for node in nodes_of(tree) if id(node) not in notes]
    return [text for text in texts if text is not None and " " in text.strip()]


def test_a_riddle_is_found_in_a_message_and_its_parts_and_not_in_a_docstring():
    tree = ast.parse('def leg():\n    """A leg of it."""\n    return f"{leg} is no JSON: the leg failed"\n')
    assert [NOT_FOR_A_PERSON.findall(text) for text in spoken(tree)] == [["is no JSON", "leg"]] * 2


def test_what_a_person_reads_is_in_plain_words():
    def stumbling(tree):
        return [text for text in spoken(tree) if NOT_FOR_A_PERSON.search(text)]

    assert breaking(stumbling) == {}
    assert sum(len(spoken(tree_of(name))) for name in FILES) > 1000, "hundreds of sentences are held"


RIDDLES = {
    *("found", "one", "told", "said", "seen", "heard", "kept", "asked", "given", "wanted", "gone", "got"),
    *("several", "beside", "here", "there", "some", "these", "apart", "again", "alone"),
    *(
        "it",
        "its",
        "them",
        "that",
        "this",
        "which",
        "who",
        "mine",
        "theirs",
        "way",
        "ways",
        "thing",
        "things",
    ),
    *("everything", "less"),
}
"""Words that stand in a name's place and say nothing of the thing: a list of models is no `found`."""


def riddles_in(tree: ast.Module) -> set[str]:
    """The variables, parameters and functions of a module that are called by such a word, `_found` too.

    A parameter may have the name of its own type: `given: Given`, what a person typed.
    """
    names = [
        node.id for node in nodes_of(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    named_by_type = [node for node in nodes_of(tree) if isinstance(node, ast.arg)]
    names += [node.arg for node in named_by_type if getattr(node.annotation, "id", "").lower() != node.arg]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    names += [node.name for node in nodes_of(tree) if isinstance(node, functions)]
    fields = {
        line.target.id
        for node in nodes_of(tree)
        if isinstance(node, ast.ClassDef)
        for line in node.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }
    return {name for name in names if name.strip("_") in RIDDLES} - fields


def test_a_riddle_is_found_as_a_variable_a_parameter_and_a_function():
    tree = ast.parse(
        "def told(seen):\n    _found = [one for one in seen]\n"
        "class Leg:\n    kept: bool\n    def models(self): return self.given\n"
    )
    assert riddles_in(tree) == {"told", "seen", "_found", "one"}


def test_a_name_says_what_the_thing_is():
    assert breaking(riddles_in) == {}


CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")


def is_number(node: ast.AST | None) -> bool:
    """Return whether an expression is a number, a sum of numbers, or several."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if isinstance(node, ast.BinOp):
        return is_number(node.left) and is_number(node.right)
    if isinstance(node, ast.UnaryOp):
        return is_number(node.operand)
    return isinstance(node, ast.Tuple) and bool(node.elts) and all(map(is_number, node.elts))


def bare_numbers(text: str, body: list[ast.stmt]) -> list[str]:
    """The constant numbers of a module that have neither a comment nor a docstring: `LIMIT = 3`."""
    lines = text.splitlines()
    bare = []
    for node, following in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not is_number(node.value):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        commented = "#" in lines[node.lineno - 1] or lines[node.lineno - 2].startswith("#")
        documented = isinstance(following, ast.Expr) and text_of(following.value) is not None
        if not commented and not documented and all(map(CONSTANT.fullmatch, names)):
            bare += names
    return bare


def test_a_number_without_a_reason_is_found():
    reasons = 'A = 1\n"""Why."""\n# Why.\nB = 2\nC = 3  # why\nx = 4\nD = "text"\n'
    without = "\n" + reasons + "E, F = 5, -(2**3)\nG: Final = 0.5\n"
    assert bare_numbers("\n" + reasons, ast.parse("\n" + reasons).body) == []
    assert bare_numbers(without, ast.parse(without).body) == ["E", "F", "G"]


def test_a_constant_number_has_its_reason_or_its_source_beside_it():
    bare = {name: bare_numbers((ROOT / name).read_text("utf-8"), tree_of(name).body) for name in FILES}
    assert {name: numbers for name, numbers in bare.items() if numbers} == {}


PUBLIC = {
    "data/prepared.py": "prepare",
    "data/task.py": "choose_task",
    "launch/local.py": "LocalWorkers",
    "models/recurrent.py": "Recurrent",
    "models/spec.py": "parse_spec",
    "statistics/crossed.py": "crossed",
    "statistics/intervals.py": "paired_difference",
    "statistics/verdict_claims.py": "holm",
    "statistics/planning.py": "seeds_to_decide",
    "statistics/verdicts.py": "judge",
    "training/leg.py": "run_leg",
}
"""The ways into the lower floors that CONTRIBUTING's tour of a comparison passes, each with an example."""


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_way_in_shows_an_example_that_runs_as_it_is_written(name):
    module = importlib.import_module("seqcli." + name.removesuffix(".py").replace("/", "."))
    assert ">>> " in getattr(module, PUBLIC[name]).__doc__
    assert doctest.testmod(module).failed == 0
