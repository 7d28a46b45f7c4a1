"""Drawn inputs are the same whichever tests ran before, and whatever numbers stand in seqcli's files."""

import sys
import types

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers


def drawn() -> list[int]:
    """The numbers that one test draws, in order."""
    numbers = []

    @given(st.integers())
    def test(number: int) -> None:
        numbers.append(number)

    test()
    return numbers


def test_a_module_that_is_loaded_changes_no_drawn_input(tmp_path, monkeypatch):
    before = drawn()
    path = tmp_path / "odd_numbers.py"
    path.write_text("ODD = (7133, 91771, 5551212)\n", encoding="utf-8")
    module = types.ModuleType("odd_numbers")
    module.__file__ = str(path)
    monkeypatch.setitem(sys.modules, "odd_numbers", module)
    monkeypatch.setattr(providers, "is_local_module_file", lambda _: True)
    assert drawn() == before
