"""The sentences of an inspection's warnings."""

from typing import get_args

import pytest

from seqcli.reports.words.inspect_words import warning_words
from seqcli.results.inspect import InspectWarning, WarningCode

OF_A_SORT = {"spoilt texts": "mojibake"}
"""Codes whose warnings are of several sorts, with one of them."""


@pytest.mark.parametrize("code", get_args(WarningCode))
def test_every_warning_is_one_sentence_that_shows_a_figure(code):
    name = OF_A_SORT.get(code, "bug")
    sentence = warning_words(InspectWarning(code=code, file="a.csv", name=name, count=7, of=9, share=0.5))
    assert any(figure in sentence for figure in ("7", "50"))
    assert "{" not in sentence
