"""`seqcli models`: every setting of every model stands on its page, as the record has it, without torch."""

import json
import re
import subprocess
import sys

import pytest

from seqcli.models.architecture import architecture, model_names
from seqcli.models.seq2seq.config import Seq2SeqConfig


@pytest.mark.parametrize("name", model_names())
def test_every_setting_of_a_model_stands_on_its_page_with_its_default(seqcli, name):
    page = seqcli("models", "show", name)
    assert page.code == 0, page.err
    rows = re.split(r"\n(?=\S)", page.out.strip())  # a row's further lines are indented
    lines = {row.split()[0]: " ".join(row.split()) for row in rows}
    for setting, field in architecture(name).config.model_fields.items():
        if setting != "model":
            default = json.dumps(field.default).strip('"')
            assert f". Default {default}; " in lines[setting], setting


def test_the_page_of_seq2seq_tells_what_each_setting_does_and_allows(seqcli):
    text = " ".join(seqcli("models", "show", "seq2seq").out.split())
    for words in (
        "Default luong; a known attention (bahdanau, luong, none).",
        "How often training feeds the right word, not the model's own (Bengio et al., 2015).",
        "Default null; tanh, relu, identity or null.",
        "after a colon, with commas between them: seq2seq:hidden=256,layers=1",
        "tokenizer=bpe",
    ):
        assert words in text


@pytest.mark.parametrize("arguments", [(), *(("show", name) for name in model_names())])
def test_pages_of_models_break_their_lines_where_the_terminal_ends(seqcli, arguments, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert max(map(len, seqcli("models", *arguments).out.splitlines())) <= 60


def test_the_pages_load_nothing_heavy():
    program = (
        "import sys; from seqcli.cli.main import execute; execute(['models', 'show', 'seq2seq']);"
        "print(sorted({'torch', 'numpy', 'scipy'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("command", ["train", "compare", "gradprobe"])
def test_the_help_of_a_command_that_takes_models_names_their_pages(seqcli, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    assert "`seqcli models show NAME`" in seqcli(command, "--help-all").out


def test_an_unknown_setting_names_the_known_ones_and_their_page(seqcli):
    ran = seqcli("train", "seq2seq:teacher=1", "--task", "reverse")
    assert ran.code == 2
    text = " ".join(ran.err.split())
    assert all(name in text for name in Seq2SeqConfig.model_fields if name != "model")
    assert "`seqcli models show seq2seq` explains them" in text


def test_an_unknown_model_or_action_lists_the_known_models(seqcli):
    for arguments in (("show", "gro"), ("gro",), ("gru", "lstm"), ("show",), ("list", "gru")):
        ran = seqcli("models", *arguments)
        assert ran.code == 2
        assert "Known models: bag, captioner, gru, lstm, mlp, rnn, seq2seq" in " ".join(ran.err.split())


def test_a_name_alone_or_in_capitals_is_its_page_and_list_lists(seqcli):
    for command, name in (("models", "gru"), ("tasks", "sentiment")):
        page = seqcli(command, name)
        assert page.code == 0, page.err
        assert page.out == seqcli(command, "show", name).out == seqcli(command, name.upper()).out
        assert seqcli(command).out == seqcli(command, "list").out == seqcli(command, "ls").out


def test_lists_and_pages_have_every_format_of_results(seqcli):
    listed = seqcli("models", "list", "--format", "json").json
    assert listed["schema"] == "seqcli.listing/1"
    assert [entry["name"] for entry in listed["entries"]] == list(model_names())
    page = seqcli("tasks", "sentiment", "--format", "json").json
    assert (page["schema"], page["name"]) == ("seqcli.description/1", "sentiment")
    assert {"source", "licence", "size"} <= {fact["name"] for fact in page["facts"]}
    assert seqcli("tasks", "--format", "csv").out.startswith("name,about,group,command\n")
