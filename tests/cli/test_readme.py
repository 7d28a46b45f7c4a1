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


def test_every_command_of_the_readme_runs_in_the_order_given(shell, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    assert len(COMMANDS) >= 5
    for command in COMMANDS:
        arguments = shlex.split(command.split(" > ")[0])[1:]
        short = dict(SHORT) if arguments[0] in ("compare", "train") else {}
        ran = shell(*arguments, **short)
        assert ran.code == 0, f"{command}: {ran.err}"
        assert ran.out, command


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.name)
def test_every_example_runs_as_its_first_line_says(shell, tmp_path, path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    line = re.match(r"# (seqcli .*)", path.read_text(encoding="utf-8"))[1]
    short = {**SHORT, "SEQCLI_HIDDEN": ""} if "hidden" in path.read_text() else SHORT
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    overrides = [f"--set={key}={value}" for key, value in {"seeds": 1, "epochs": 1}.items() if key in given]
    ran = shell(*shlex.split(line)[1:], *overrides, **short)
    assert ran.code == 0, ran.err
