import numpy as np
import pytest
from rich.cells import cell_len

from seqcli.reports.draw.page import Page
from seqcli.reports.parts.attention_view import draw_attention, draw_grid

SOURCE = ["▁ein", "$x^", "영화", ".", "⏎"]
TARGET = ["a", "한국어", "a very long piece of text", "⏎"]
WEIGHTS = np.array([[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0.5, 0.5, 0], [0, 0, 0, 0, 1]], dtype=np.float32)


@pytest.mark.parametrize(("encoding", "full", "half"), [("utf-8", "██", "▒▒"), ("ascii", "##", "::")])
def test_shades_stand_in_the_columns_of_what_was_looked_at(encoding, full, half):
    lines = draw_grid(SOURCE, TARGET, WEIGHTS.tolist(), Page(80, encoding)).splitlines()
    drawn = lines[-len(TARGET) :]
    labels = [line.rstrip("█▒#: ") for line in drawn]
    ends = {cell_len(label) for label in labels}
    assert len(ends) == 1
    begin = ends.pop() + 2
    shown = [line[len(label) :] for line, label in zip(drawn, labels, strict=True)]
    assert shown == [f"  {full}", f"    {full}", f"      {half}{half}", f"          {full}"]
    assert [line[begin] for line in lines[:1]] == [Page(encoding=encoding).fit(SOURCE[0])[0]]


def test_an_ascii_page_gets_an_ascii_grid():
    text = draw_grid(SOURCE, TARGET, WEIGHTS.tolist(), Page(80, "ascii"))
    assert text.isascii()
    assert "<-'" in text


@pytest.mark.parametrize("width", [40, 80])
def test_a_long_source_goes_on_below(width):
    source = [chr(ord("a") + place % 26) for place in range(60)]
    text = draw_grid(source, ["x"], [[1 / 60] * 60], Page(width))
    assert max(map(cell_len, text.splitlines())) <= width
    assert sum(line.count("a") for line in text.splitlines()) == source.count("a")


def test_a_picture_of_attention_has_every_piece_as_text():
    figure = draw_attention(SOURCE, TARGET, WEIGHTS)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_xticklabels()] == SOURCE
    assert [text.get_text() for text in axes.get_yticklabels()] == TARGET
    assert not any(text.get_parse_math() for text in (*axes.get_xticklabels(), *axes.get_yticklabels()))
    assert axes.images[0].get_array().tolist() == WEIGHTS.tolist()
