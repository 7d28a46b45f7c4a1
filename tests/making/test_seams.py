"""Tests use what the code offers, no private name, which is free to change; their own names stand once."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FILES = sorted(TESTS.rglob("*.py"))
PRIVATE = re.compile(r"(^|\.)_(?!_)\w+$")

PATCHING = ("setattr", "delattr")
OF_LIBRARIES = {"_hypothesis_internal_use_settings", "_get_local_constants"}
"""What a library offers under no other name."""


def private_patches(tree: ast.Module) -> list[str]:
    """Private names that are set: by a call of `setattr`, or by assignment to another's attribute."""
    values = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in PATCHING
        ):
            texts = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
            values += [text for text in texts if isinstance(text, str) and PRIVATE.search(text)]
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if isinstance(target, ast.Attribute) and getattr(target.value, "id", "") not in ("self", "cls"):
                values += [target.attr] if PRIVATE.search(target.attr) else []
    return [name for name in values if name not in OF_LIBRARIES]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('monkeypatch.setattr("seqcli.runs.lock._try_lock", f)', ["seqcli.runs.lock._try_lock"]),
        ('monkeypatch.setattr(result, "_publish", f)', ["_publish"]),
        ("LocalWorkers._open = f", ["_open"]),
        ('monkeypatch.setattr("seqcli.launch.local.start_worker", f)', []),
        ('patch.setattr(type(x), "__call__", f)', []),
        ("self._open = f", []),
    ],
)
def test_a_patch_of_a_private_name_is_found(line, found):
    assert private_patches(ast.parse(line)) == found


def test_no_test_patches_a_private_name():
    mapping = {path.name: private_patches(ast.parse(path.read_text(encoding="utf-8"))) for path in FILES}
    assert {name: patches for name, patches in mapping.items() if patches} == {}


OFFERED = {
    *("_exit", "_run_exitfuncs"),  # os and atexit: to end a forked process as if it had been killed
    *("_repr_html_", "_repr_png_"),  # what a notebook calls
    *("_replace", "_asdict"),  # of named tuples
    *("_get_local_constants", "_local_constants", "_hypothesis_internal_use_settings"),  # of hypothesis
}
"""Names that begin with an underscore and are nevertheless called by others."""


def private_uses(tree: ast.Module) -> list[str]:
    """Private names that are imported from seqcli, or asked of an object other than oneself."""
    imported = [
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("seqcli")
        for name in node.names
    ]
    of_others = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") not in ("self", "cls")
    ]
    return [name for name in [*imported, *of_others] if PRIVATE.search(name) and name not in OFFERED]


def test_a_private_name_is_found_where_it_is_imported_or_called():
    lines = "from seqcli.runs.result import _fence, finish\nrunner._jobs()\nself._open()\nos._exit(1)\n"
    assert private_uses(ast.parse(lines)) == ["_fence", "_jobs"]


def test_no_test_uses_a_private_name_of_the_code():
    uses = {path.name: private_uses(ast.parse(path.read_text(encoding="utf-8"))) for path in FILES}
    assert {name: names for name, names in uses.items() if names} == {}


def test_a_test_file_s_name_and_a_class_s_name_stand_once():
    """A failure names its file; two of one name are confused."""
    files = Counter(path.name for path in FILES if path.name != "conftest.py")
    classes = Counter(
        node.name
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, times in (files + classes).items() if times > 1] == []


RIDDLES = {"told", "found", "one", "said", "kept", "seen"}
"""Words that stand in a name's place: `ran`, `actual` or the thing's own name says what it is."""


def test_no_variable_of_a_test_is_a_riddle():
    riddles = Counter(
        path.name
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in RIDDLES
    )
    assert riddles == {}


def test_the_files_that_are_begun_first_are_there(request):
    """A name that is no file would be passed over in silence."""
    long = request.config.pluginmanager.get_plugin(str(TESTS / "conftest.py")).LONG
    assert [name for name in long if not (TESTS / name).exists()] == []
