"""A table of options: what a row declares, and how the help shows it again."""

import pytest

from seqcli.cli.flags import Flag, chosen, flags, takes
from seqcli.cli.help_pages import command_page

DECLARED = {
    "--epochs N": Flag("epochs", "text", "number", "N"),
    "--data FILE": Flag("data", "text", "text", "FILE"),
    "--cost full|quick|no": Flag("cost", "text", "text", "full|quick|no"),
    "--expect EXPR ...": Flag("expect", "text", "list", "EXPR"),
    "--[no-]what-if": Flag("what_if", "text", "pair"),
    "-n, --dry-run": Flag("dry_run", "text", "switch", short="-n"),
    "-v, --verbose ...": Flag("verbose", "text", "count", short="-v"),
}


@pytest.mark.parametrize("typed", DECLARED)
def test_a_row_declares_the_option_that_it_shows(typed):
    assert flags("Options", f"{typed}  text") == (DECLARED[typed],)


def test_an_indented_line_goes_on_with_the_help_line_above():
    table = """
        --hidden N  how wide a layer is
                    (default 128)
        --layers N  how many
        """
    assert flags("Model", table, setting=False) == (
        Flag("hidden", "how wide a layer is (default 128)", "number", "N", None, "Model", setting=False),
        Flag("layers", "how many", "number", "N", None, "Model", setting=False),
    )


@pytest.mark.parametrize("row", ["epochs N  text", "--epochs N", "--epochs N text", "--Epochs  text"])
def test_a_row_that_declares_nothing_is_refused(row):
    with pytest.raises(ValueError, match="pochs"):
        flags("Options", row)


def attempt(given):
    """A command."""


def test_the_help_shows_an_option_as_its_row_does():
    table = "\n".join(f"{typed}  text" for typed in DECLARED if "..." not in typed)
    page = command_page("seqcli attempt", takes(*flags("Options", table))(attempt), in_full=True)
    shown = [line.strip() for line in page.splitlines() if line.strip().startswith("-")]
    assert [" ".join(line.split()) for line in shown] == [
        " ".join(line.split()) for line in table.splitlines()
    ]


def test_chosen_options_keep_the_order_of_their_table_and_can_become_a_commands_own():
    table = flags("Data", "--train FILE  one\n--valid FILE  two\n--test FILE  three")
    assert [flag.key for flag in chosen(table, ("test", "train"))] == ["train", "test"]
    assert [flag.setting for flag in chosen(table, ("test",), setting=False)] == [False]
