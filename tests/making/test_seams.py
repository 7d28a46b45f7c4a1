"""Tests use what the code offers: none patches a private name, which is free to change."""

import ast
import re
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
    found = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in PATCHING
        ):
            texts = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
            found += [text for text in texts if isinstance(text, str) and PRIVATE.search(text)]
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if isinstance(target, ast.Attribute) and getattr(target.value, "id", "") not in ("self", "cls"):
                found += [target.attr] if PRIVATE.search(target.attr) else []
    return [name for name in found if name not in OF_LIBRARIES]


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
    found = {path.name: private_patches(ast.parse(path.read_text(encoding="utf-8"))) for path in FILES}
    assert {name: patches for name, patches in found.items() if patches} == {}


def test_the_files_that_are_begun_first_are_there(request):
    """A name that is no file would be passed over in silence."""
    long = request.config.pluginmanager.get_plugin(str(TESTS / "conftest.py")).LONG
    assert [name for name in long if not (TESTS / name).exists()] == []
