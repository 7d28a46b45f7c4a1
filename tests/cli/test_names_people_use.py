"""What people type without having read the manual: no models, names in capitals, another tool's words."""

import json
import re
import shlex

import pytest
import yaml

from seqcli.models.architecture import compared_for, trained_for
from seqcli.models.cell import CELLS

TINY = ("--hidden", 8, "--embedding", 8, "--epochs", 1, "--batch-size", 16)


def chosen(ran, key):
    """A setting of `--print-config`, and what stands after it."""
    assert ran.code == 0, ran.err
    line = next(line for line in ran.out.splitlines() if line.startswith(f"{key}: "))
    return yaml.safe_load(line)[key], line.partition("# ")[2]


def test_compare_without_models_compares_every_cell_from_the_oldest_to_the_newest(seqcli, reviews):
    models, origin = chosen(seqcli("compare", "--data", reviews, "--print-config"), "models")
    assert models == ["rnn", "lstm", "gru"]
    assert set(models) == set(CELLS.names())
    assert origin == "default for classify"


def test_train_without_a_model_trains_a_gru(seqcli, reviews):
    assert chosen(seqcli("train", "--data", reviews, "--print-config"), "model")[0] == "gru"
    ran = seqcli("train", "--data", reviews, *TINY, "--format", "json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["model"] == "gru"


def test_pairs_are_compared_and_learnt_by_what_learns_pairs(seqcli):
    compared = chosen(seqcli("compare", "--task", "reverse", "--print-config"), "models")[0]
    assert compared == ["seq2seq:attention=none", "seq2seq:attention=bahdanau"]
    trained = seqcli("train", "--task", "reverse", "--print-config")
    assert chosen(trained, "model") == ("seq2seq", "default for translate")
    assert chosen(trained, "schedule")[1] == "model seq2seq"


def test_models_named_in_a_file_outrank_those_that_nobody_named(seqcli, reviews, tmp_path):
    (tmp_path / "seqcli.yaml").write_text("models: [lstm]\n")
    assert chosen(seqcli("compare", "--data", reviews, "--print-config"), "models")[0] == ["lstm"]


def test_without_data_there_is_no_model_to_guess(seqcli):
    ran = seqcli("compare")
    assert ran.code == 2
    assert "no data" in ran.err
    assert "--data FILE" in ran.err


def test_every_kind_that_a_model_learns_has_models_for_whoever_names_none():
    for kind in ("classify", "tag", "regress", "translate", "language"):
        assert len(compared_for(kind)) > 1
        assert trained_for(kind)


def test_names_of_models_are_read_in_any_case_and_kept_as_one(seqcli, reviews):
    typed = seqcli("compare", "GRU", "BiLSTM", "--reference", "Gru", "--data", reviews, "--print-config")
    assert chosen(typed, "models")[0] == ["gru", "lstm:bidirectional=true"]
    assert chosen(typed, "reference")[0] == "gru"
    assert chosen(seqcli("train", "LSTM:hidden=9", "--data", reviews, "--print-config"), "model")[0] == (
        "lstm:hidden=9"
    )
    seq2seq = seqcli("train", "Seq2Seq", "--task", "reverse", "--print-config")
    assert chosen(seq2seq, "schedule")[1] == "model seq2seq"


def test_a_gate_names_models_in_any_case():
    from seqcli.experiments.gates.gate_grammar import parse_gate

    assert (
        parse_gate("GRU.accuracy >= LSTM.accuracy").terms == parse_gate("gru.accuracy >= lstm.accuracy").terms
    )


@pytest.mark.parametrize("more", [(), ("--epochs", "3", "--bidirectional", "-q", "--set", "gain=2")])
def test_train_with_two_models_says_the_comparison_that_was_meant(seqcli, reviews, more):
    ran = seqcli("train", "lstm", "gru", "--data", reviews, *more, "--out", "runs/x")
    assert ran.code == 2
    assert "2 are named: lstm, gru" in ran.err
    value = " ".join(ran.err.split()).partition("To compare them: ")[2]
    words = shlex.split(value)
    assert words[:4] == ["seqcli", "compare", "lstm", "gru"]
    again = seqcli(*words[1:], "--print-config")
    assert again.code == 0, again.err
    assert chosen(again, "models")[0] == ["lstm", "gru"]
    assert chosen(again, "data")[0] == str(reviews)
    assert chosen(again, "epochs")[0] == (3 if more else 10)


@pytest.mark.parametrize(
    ("command", "typed", "here"),
    [
        ("train", "--learning-rate", "--lr"),
        ("train", "--learning_rate=0.1", "--lr"),
        ("train", "--gpu", "--device cuda"),
        ("compare", "--workers", "--jobs"),
        ("compare", "--num-workers", "--jobs"),
        ("train", "--num-workers", "--threads"),
        ("train", "--epoch", "--epochs"),
        ("train", "--batch", "--batch-size"),
        ("compare", "--output", "--out"),
        ("train", "--hidden-size", "--hidden"),
        ("train", "--num-layers", "--layers"),
        ("compare", "--seed", "--seeds"),
        ("train", "--seeds", "--seed"),
        ("predict", "--file", "--data"),
    ],
)
def test_an_option_of_other_programs_is_answered_with_its_name_here(seqcli, command, typed, here):
    ran = seqcli(command, "x", typed, "1")
    assert ran.code == 2
    option = typed.partition("=")[0]
    assert ran.err.split("\n")[:2] == [f"seqcli: there is no option {option}", f"        Here it is {here}."]


def test_an_option_that_means_nothing_here_is_answered_by_spelling(seqcli):
    ran = seqcli("train", "gru", "--vocab-sise", "9")
    assert ran.code == 2
    assert "--vocab-size" in ran.err
    assert "--gpu" in seqcli("tasks", "--gpu").err


def test_every_meaning_in_the_table_is_an_option_of_some_command():
    import typer

    from seqcli.cli.main import build_app
    from seqcli.cli.meanings import MEANINGS

    commands = typer.main.get_command(build_app()).commands.values()
    known = {name for command in commands for part in command.params for name in part.opts}
    assert len(known) > 60
    distinct = {name.partition(" ")[0] for names in MEANINGS.values() for name in names}
    assert distinct - known == set()


@pytest.mark.parametrize("how", ["--help", "--help-all"])
def test_help_shows_examples_first_and_main_commands_before_research(seqcli, how):
    from seqcli.cli.main import COMMANDS

    out = seqcli(how).out
    panels = ("seqcli compare lstm gru --task", "Main\n", "Results", "Research", "Reference")
    places = [out.index(text) for text in panels]
    assert places == sorted(places)
    assert all(re.search(rf"\b{name}\b", out[places[1] :]) for name in COMMANDS.names())
    assert len(out.splitlines()) <= (25 if how == "--help" else 45)


@pytest.mark.parametrize("command", [(), ("compare",), ("train",), ("runs",), ("translate",), ("predict",)])
def test_help_names_no_type_beside_a_switch_or_an_argument(seqcli, command):
    short, long = seqcli(*command, "-h"), seqcli(*command, "--help")
    assert short.code == long.code == 0
    assert short.out == long.out
    assert "<" not in short.out


def test_the_help_of_a_setting_says_its_default_where_it_has_one():
    from seqcli.cli.commands import compare, train
    from seqcli.cli.flags import Flag
    from seqcli.experiments.config import CompareConfig, TrainConfig

    silent = {
        part.long
        for parts, config in ((train.PARTS, TrainConfig), (compare.PARTS, CompareConfig))
        for part in parts
        if isinstance(part, Flag)
        and part.kind not in ("switch", "pair", "list")
        and part.setting
        and config.model_fields[part.key].default is not None
        and "default" not in part.about
    }
    assert silent == set()


def commands():
    from seqcli.cli.main import COMMANDS

    return COMMANDS.names()


@pytest.mark.parametrize("command", commands())
def test_the_help_of_a_command_fits_a_screen_and_shows_how_it_is_written_first(seqcli, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = seqcli(command, "-h").out.splitlines()
    assert len(lines) <= 28
    assert max(map(len, lines)) <= 80
    usage = next(number for number, line in enumerate(lines) if line.startswith("Usage: "))
    assert [number for number, line in enumerate(lines) if line.startswith("  seqcli ")] == [
        *range(3 if lines[2] == "" else 2, usage - 1)
    ] or command in ("tasks", "models", "inspect")
    assert lines[-1].endswith(f"by topic: seqcli {command} --help-all")


@pytest.mark.parametrize("command", commands())
def test_the_whole_help_has_every_option_by_topic_with_its_default(seqcli, command):
    from seqcli.cli.flags import Flag
    from seqcli.cli.main import COMMANDS

    text = " ".join(seqcli(command, "--help-all").out.split())
    for part in COMMANDS.get(command).parts:
        if isinstance(part, Flag):
            assert (f"--[no-]{part.long[2:]}" if part.kind == "pair" else part.long) in text
        assert " ".join(part.about.split()) in text


@pytest.mark.parametrize("command", ["compare", "train", "gradprobe"])
def test_every_setting_has_an_option_or_is_named_in_the_help(seqcli, command):
    from pkgutil import resolve_name

    from seqcli.cli.flags import Flag
    from seqcli.cli.main import COMMANDS
    from seqcli.config.layers import keys

    made = COMMANDS.get(command)
    options = {part.key for part in made.parts if isinstance(part, Flag)}
    positional = {part.key for part in made.parts} - options
    named = seqcli(command, "--help-all").out.partition("Without an option")[2]
    rest = keys(resolve_name(made.record)) - options - positional
    assert [key for key in rest if key not in named] == []
    assert "seqcli models show NAME" in " ".join(named.split())


def test_a_help_text_in_short_keeps_its_default_and_hides_no_part_of_a_list():
    from seqcli.cli.help_pages import in_short

    about = "width of the layers; wider ones learn more (default 128, of seq2seq 256)"
    assert in_short(about, 40) == "width of the layers (default 128)"
    assert (
        in_short("gru, lstm, rnn or seq2seq, with settings (default gru)", 30) == "gru, lstm, … (default gru)"
    )
    assert in_short("a range 5:20, or a number of seeds for each of them", 30) == "a range 5:20, …"
    assert in_short(about, 80) == about
