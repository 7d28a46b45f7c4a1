"""Every command that README shows, and every file in examples/, run; the long ones made short by settings."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SHORT = {
    "SEQCLI_MAX_STEPS": "4",
    "SEQCLI_EPOCHS": "1",
    "SEQCLI_SEEDS": "1",
    "SEQCLI_HIDDEN": "4",
    "SEQCLI_EMBEDDING": "4",
    "SEQCLI_COST": "false",
}

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (seqcli .*)$", README, re.MULTILINE)


def test_the_readme_starts_with_the_two_commands():
    assert README.index("make demo") < README.index("make test") < README.index("```")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^demo:.*\n.*compare lstm gru --task sentiment", makefile, re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the commands run one after the other: later ones use what earlier ones made."""
    made = tmp_path_factory.mktemp("readme")
    (made / "examples").symlink_to(ROOT / "examples")
    return made


def test_the_readme_shows_commands():
    assert {shlex.split(command)[1] for command in COMMANDS} >= {"compare", "train", "predict", "translate"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_readme_run_in_the_order_given(shell, folder, command):
    arguments = shlex.split(command.split(" > ")[0])[1:]
    short = SHORT if arguments[0] in ("compare", "train") else {}
    ran = shell(*arguments, folder=folder, **short)
    assert ran.code == 0, ran.err
    assert ran.out


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.name)
def test_every_example_runs_as_its_first_line_says(shell, tmp_path, path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    line = re.match(r"# (seqcli .*)", path.read_text(encoding="utf-8"))[1]
    short = {**SHORT, "SEQCLI_HIDDEN": ""} if "hidden" in path.read_text() else SHORT
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    overrides = [f"--set={key}={value}" for key, value in {"seeds": 1, "epochs": 1}.items() if key in given]
    ran = shell(*shlex.split(line)[1:], *overrides, **short)
    assert ran.code == 0, ran.err
