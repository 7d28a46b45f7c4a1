"""What a shell is told while a person types: asked as bash, zsh and fish ask, by their variables."""

import pytest

from seqcli.cli.commands import compare
from seqcli.cli.completion import LITERAL, literal_values
from seqcli.cli.main import execute
from seqcli.data.task import TASKS
from seqcli.models.architecture import model_names
from seqcli.reports.report import FORMATS


def asked_by_bash(line):
    words = line.split(" ")
    return {"_SEQCLI_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}


def asked_by_zsh(line):
    return {"_SEQCLI_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line}


def asked_by_fish(line):
    return {
        "_SEQCLI_COMPLETE": "complete_fish",
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }


SHELLS = (asked_by_bash, asked_by_zsh, asked_by_fish)


@pytest.fixture
def complete(monkeypatch, capsys, tmp_path):
    """Ask what a line may become, as a shell does; bash unless another is named."""
    monkeypatch.chdir(tmp_path)

    def ask(line, shell=asked_by_bash):
        with monkeypatch.context() as patch:
            for name, value in shell(line).items():
                patch.setenv(name, value)
            assert execute([]) == 0
        output = capsys.readouterr()
        assert output.err == ""
        return output.out

    return ask


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_is_told_the_tasks(complete, shell):
    result = complete("seqcli train gru --task s", shell)
    assert "sentiment" in result
    assert "spam" in result
    assert "adding" not in result


def test_bash_is_told_every_name_on_a_line_of_its_own(complete):
    assert complete("seqcli compare --task ").split() == [*TASKS.names()]
    assert complete("seqcli compare ").split() == [*model_names()]
    assert complete("seqcli train lstm --format ").split() == [*FORMATS.names()]
    assert complete("seqcli predict x --format ").split() == ["text", "csv", "jsonl"]


def test_the_settings_of_a_model_follow_its_colon(complete):
    assert "hidden=" in complete("seqcli train gru:h", asked_by_zsh)
    assert complete("seqcli train seq2seq:cell=gru,att", asked_by_fish).split() == [
        "seq2seq:cell=gru,attention="
    ]


@pytest.mark.parametrize("key", sorted(LITERAL))
def test_a_setting_that_names_its_values_completes_to_them(complete, key):
    assert len(literal_values(key)) > 1
    command = "compare" if key in {part.key for part in compare.PARTS} else "train"
    option = key.replace("_", "-")
    assert complete(f"seqcli {command} lstm --{option} ").split() == list(literal_values(key))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "text,stars,date\na,b,c\nd,e,f\n"),
        ("t.tsv", "text\tstars\tdate\na\tb\tc\nd\te\tf\n"),
        ("t.jsonl", '{"text": "a", "stars": "b", "date": "c"}\n' * 2),
    ],
)
def test_the_columns_are_those_of_the_file_that_is_named(complete, tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert complete(f"seqcli compare --data {name} --label-column ").split() == ["text", "stars", "date"]
    assert complete(f"seqcli train --data {name} --text-column st").split() == ["stars"]


@pytest.mark.parametrize(
    "line", ["seqcli train --data none.csv --label-column ", "seqcli train --label-column "]
)
def test_what_cannot_be_known_completes_to_nothing_and_says_nothing(complete, line):
    assert complete(line) == "\n" or complete(line) == ""


def test_runs_are_told_as_paths_that_every_command_takes(complete, tmp_path, reviews, seqcli):
    tiny = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--data", reviews)
    for name in ("runs/first", "elsewhere/second"):
        assert seqcli("train", "gru", *tiny, "--out", tmp_path / name).code == 0
    (tmp_path / "runs" / "notes").mkdir()
    for command in ("predict", "evaluate", "generate", "runs show", "rerun", "gradprobe --run"):
        assert complete(f"seqcli {command} runs/f").split() == ["runs/first"], command
    assert complete("seqcli predict ru").split() == ["runs/first"]
    assert complete("seqcli runs show elsewhere/").split() == ["elsewhere/second"]


def test_verbs_and_parts_of_the_cache_are_told(complete):
    assert complete("seqcli runs pr").split() == ["prune"]
    assert complete("seqcli tasks show rev").split() == ["reverse"]
    assert complete("seqcli cache clear tim").split() == ["timings"]


def test_the_whole_help_is_among_the_options(complete):
    assert complete("seqcli train --help").split() == ["--help", "--help-all"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_each_shell_asks_for_completions(shell, seqcli, monkeypatch):
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    ran = seqcli("--show-completion", shell)
    assert ran.code == 0
    assert f"_SEQCLI_COMPLETE=complete_{shell}" in ran.out
