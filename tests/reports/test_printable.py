import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from seqcli.reports.draw.printable import cut_middle, one_line, printable

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=60)
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def is_control(character):
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in BIDI


@pytest.mark.parametrize(
    "text",
    [
        "plain text, [bold]markup[/bold] and C:\\path",
        "영화가 정말 좋았다",
        "电影很好　看",
        "映画 ｶﾀｶﾅ",
        "naïve cafe\u0301",
        "می\u200cخواهم",
        "क्\u200dष",
        "עברית",
        "\u0600٥ \u06dd٧",
        "😀 👍🏽 ❤\ufe0f 🇰🇷",
        "👨\u200d👩\u200d👧\u200d👦",
        "🏴\u200d☠\ufe0f",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "🩷🫩",
        "50\u00a0%",
        "",
    ],
)
def test_what_people_write_is_shown_as_it_is(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]52;c;ZXZpbA==\x07", "\\x1b]52;c;ZXZpbA==\\x07"),
        ("\x1b]8;;http://x\x1b\\link", "\\x1b]8;;http://x\\x1b\\link"),
        ("a\rb\x08\x7f\x00", "a\\rb\\x08\\x7f\\x00"),
        ("\x9b31m\x85\x90", "\\x9b31m\\x85\\x90"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("\u2066x\u2069\u200f\u061c", "\\u2066x\\u2069\\u200f\\u061c"),
        ("a\u2028b\u2029", "a\\u2028b\\u2029"),
        ("\ud800x\udc80", "\\ud800x\\udc80"),
        ("a\u200bb\ufeff\u2060\u00ad", "a\\u200bb\\ufeff\\u2060\\xad"),
        ("a\u200db", "a\\u200db"),
        ("가\u200d나", "가\\u200d나"),
        ("क\u200d\u200dष", "क\\u200d\\u200dष"),
        ("\u200d👨\u200d", "\\u200d👨\\u200d"),
        ("\u3164\u115f\uffa0", "\\u3164\\u115f\\uffa0"),
        ("x\U000e0041\U000e007f", "x\\U000e0041\\U000e007f"),
        ("\ue000\U00010ffd\ufffe", "\\ue000\\U00010ffd\\ufffe"),
    ],
)
def test_what_orders_a_terminal_about_or_hides_is_shown_as_an_escape(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("keep", "shown"),
    [("", "a\\nb\\tc\\r"), ("\n", "a\nb\\tc\\r"), ("\t", "a\\nb\tc\\r"), ("\n\t", "a\nb\tc\\r")],
)
def test_line_feeds_and_tabs_stay_only_where_they_are_asked_for(keep, shown):
    assert printable("a\nb\tc\r", keep=keep) == shown


@settings(max_examples=500)
@given(ANY_TEXT)
@example("🏴\U000e0067\U000e0062\U000e0065\u202e\U000e006e\U000e0067\U000e007f")
def test_no_character_that_comes_out_is_a_control(text):
    assert not any(map(is_control, printable(text)))
    assert not any(map(is_control, printable(text, keep="\n\t").replace("\n", "").replace("\t", "")))
    printable(text).encode("utf-8")


@given(ANY_TEXT)
def test_doing_it_twice_changes_nothing_more(text):
    assert printable(printable(text)) == printable(text)


def test_every_single_code_point_comes_out_without_a_control():
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    value = set(printable(everything)) - set("0123456789abcdefxuU\\")
    assert not any(is_control(character) for character in value)
    assert {unicodedata.category(character) for character in value}.isdisjoint({"Cc", "Cs", "Zl", "Zp", "Co"})
    assert len([character for character in value if unicodedata.category(character) == "Cf"]) <= 11


@given(ANY_TEXT)
def test_rich_shows_it_as_it_is_and_adds_no_control(text):
    console = Console(width=10_000, color_system=None, force_terminal=True, highlight=False)
    with console.capture() as capture:
        console.print(Text(printable(text)), end="", soft_wrap=True)
    assert capture.get() == printable(text)


def test_one_line_leaves_short_text_alone_and_cuts_long_text():
    assert one_line("short", 5) == "short"
    assert one_line("longer", 5) == "long…"
    assert one_line("a\nb", 10) == "a\\nb"
    assert one_line("", 0) == ""


def test_one_line_counts_cells_and_not_characters():
    assert one_line("영화평점", 8) == "영화평점"
    assert one_line("영화평점", 7) == "영화평…"
    assert one_line("영화평점", 6) == "영화…"
    assert one_line("👨\u200d👩\u200d👧 family", 4) == "👨\u200d👩\u200d👧 …"


def test_one_line_leaves_no_joiner_at_the_cut():
    marks = "\u0301" * 14
    assert one_line(f"क{marks}\u200d" + "ष" * 5, 2) == f"क{marks}…"


def test_one_line_bounds_a_pile_of_marks_on_one_letter():
    assert len(one_line("e" + "\u0301" * 100_000, 10)) <= 81


@given(ANY_TEXT, st.integers(-2, 40))
def test_one_line_is_never_wider_than_it_may_be_and_never_a_second_line(text, width):
    line = one_line(text, width)
    assert cell_len(line) <= max(width, 0)
    assert not any(map(is_control, line))
    assert line == printable(text) or line == "" or line.endswith("…")


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("runs/a", 10, "runs/a"),
        ("runs/sentiment-gru-s0", 11, "runs/…ru-s0"),
        ("한국어 감성 분류", 9, "한국…분류"),
        ("a\x1bb", 9, "a\\x1bb"),
    ],
)
def test_a_long_name_keeps_its_two_ends(text, width, expected):
    assert cut_middle(text, width) == expected
    assert cell_len(cut_middle(text, width)) <= width
