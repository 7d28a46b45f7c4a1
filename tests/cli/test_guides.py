"""The study guide in two languages, README in Korean: the same commands, and each runs or is understood."""

import re
import shlex
from pathlib import Path

import pytest
from making.shown_commands import ROOT, blocks_in, commands_in, inline_commands_in, page

GUIDE, GUIDE_KO = page("docs/guide.md"), page("docs/guide.ko.md")
README, README_KO = page("README.md"), page("README.ko.md")
COMMANDS = list(dict.fromkeys([*commands_in(GUIDE), *inline_commands_in(GUIDE)]))
QUICK = ("tasks", "models", "gradprobe")
SHORT = ("--len", "10", "--seeds", "1")
"""What trains is only read and explained here; the same program's tests train."""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_guide_runs_or_is_understood(seqcli, command):
    arguments = shlex.split(command)[1:]
    if arguments[0] not in QUICK:
        arguments.append("--print-config")
    elif arguments[0] == "gradprobe":
        arguments += SHORT  # the last one given counts
    ran = seqcli(*arguments)
    assert ran.code == 0, ran.err
    assert ran.out


def test_both_languages_show_the_same_commands_and_the_same_output():
    assert blocks_in(GUIDE_KO) == blocks_in(GUIDE)
    assert inline_commands_in(GUIDE_KO) == inline_commands_in(GUIDE)


def test_the_guide_names_a_command_for_each_claim():
    named = {int(number) for command in COMMANDS for number in re.findall(r"(?<= )\d+(?= |$)", command)}
    of_guide = [command for command in COMMANDS if command.startswith("seqcli guide ")]
    assert of_guide
    assert named >= set(range(1, 14))


def test_readme_in_korean_shows_what_readme_shows():
    """README's commands are run by `test_readme.py`."""
    assert commands_in(README_KO) == commands_in(README)
    assert blocks_in(README_KO) == blocks_in(README)


NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def test_readme_in_korean_has_no_figure_that_readme_has_not():
    prose = [re.sub(r"```.*?```", "", text, flags=re.DOTALL) for text in (README_KO, README)]
    korean, english = (set(NUMBER.findall(text)) for text in prose)
    assert korean - english == set()


@pytest.mark.parametrize("name", ["README.ko.md", "docs/guide.md", "docs/guide.ko.md"])
def test_every_link_leads_to_a_file_that_is_there(name):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page(name))
    assert links
    assert [link for link in links if not (Path(ROOT / name).parent / link).is_file()] == []
