"""How an error is laid out where a person reads it."""

from seqcli.errors import UsageError
from seqcli.reports.draw.complaint import complaint
from seqcli.reports.draw.page import Page


def test_on_a_terminal_an_error_breaks_between_words_and_stays_beside_the_program_s_name():
    known = ", ".join(f"setting_{number}" for number in range(20))
    lines = complaint(UsageError("unknown setting", f"Known: {known}."), Page(60), broken=True).splitlines()
    assert lines[0] == "seqcli: unknown setting"
    assert all(line.startswith(" " * 8) and len(line) <= 60 for line in lines[1:])
    assert " ".join(line.strip() for line in lines[1:]) == f"Known: {known}."


def test_the_word_that_opens_an_error_is_red_where_colour_is_shown_and_only_there():
    error = UsageError("there is no option --x", "Here it is --y.")
    assert complaint(error, Page(colour=True)).startswith(
        "\x1b[1;31mseqcli:\x1b[0m there is no option --x\n        Here"
    )
    assert "\x1b" not in complaint(error, Page(colour=False))
