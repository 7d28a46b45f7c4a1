"""A result run again: found by what names it, trained anew, and held against what it was."""

import json
import re
import shlex

import pytest

from seqcli.errors import DataError, GateFailedError, RunError, UsageError
from seqcli.experiments.compare.signature import recollection
from seqcli.experiments.config import CompareConfig, TrainConfig
from seqcli.experiments.rerun import difference, figures, raise_unless_same, recall
from seqcli.results.compare import Comparison
from seqcli.results.rerun import Rerun

ADDING = ("--task", "adding", "--length", 5, "--set", "task.examples=60", "--set", "task.held_out=20")
TINY = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--batch-size", 16, "--jobs", 1)


@pytest.fixture(scope="module")
def made(reviews, tmp_path_factory):
    """A comparison and a training, each in a folder of its own, and the comparison's JSON."""
    import contextlib
    import io

    from seqcli.cli.main import execute

    folder = tmp_path_factory.mktemp("made")

    def run(*words):
        string_i_o = io.StringIO()
        with contextlib.redirect_stdout(string_i_o):
            assert execute([str(word) for word in words]) == 0
        return string_i_o.getvalue()

    compared = run(
        "compare", "gru", *ADDING, *TINY, "--seeds", 2, "--no-cost", "-q",
        "--out", folder / "cmp", "--format", "json",
    )  # fmt: skip
    (folder / "result.json").write_text(compared)
    run("train", "rnn", "--data", reviews, *TINY[:-2], "-q", "--out", folder / "run")
    return folder


def test_a_signature_names_all_that_a_person_needs_to_know(made):
    result = json.loads((made / "result.json").read_text())
    signature = result["signature"]
    data = result["task"]["data_sha256"][:8]
    for part in ("seqcli ", f"adding@{data}", "gru h4", "match hidden", "seeds 0–1", "torch ", " cpu "):
        assert part in signature
    assert result["models"][0]["kernel"] in signature
    digest = signature.rpartition("#")[2]
    assert recollection(digest).result["signature"] == signature


@pytest.mark.parametrize("name", ["cmp", "result.json", "signature", "digest"])
def test_a_comparison_is_recalled_from_its_run_its_json_or_its_signature(made, name):
    result = json.loads((made / "result.json").read_text())
    names = {"signature": result["signature"], "digest": result["signature"].rpartition("#")[2]}
    outcome = recall(names.get(name, str(made / name)))
    assert isinstance(outcome.config, CompareConfig)
    assert (outcome.config.models, outcome.config.seeds, outcome.config.hidden) == (("gru",), (0, 1), 4)
    assert outcome.config.task.examples == 60
    assert outcome.then.to_json()["models"] == result["models"]


def test_a_training_is_recalled_from_its_run(made):
    result = recall(str(made / "run"))
    assert isinstance(result.config, TrainConfig)
    assert (result.config.model, result.config.seed, result.then.model) == ("rnn", 0, "rnn")


def test_a_rerun_trains_anew_and_finds_the_same_figures(made, seqcli, tmp_path):
    ran = seqcli("rerun", made / "result.json", "--jobs", 1, "--format", "json", "-o", tmp_path / "again")
    assert ran.code == 0, ran.err
    result = Rerun.from_json(json.loads(ran.out))
    assert (result.same, result.compared, result.differing, result.changes) == (True, 5, [], [])
    assert result.signature == result.signature_now
    assert "kept" not in ran.err  # every leg was trained, none was found
    assert len(list((tmp_path / "again" / "legs").iterdir())) == 2


def test_a_figure_that_is_not_the_same_is_named_with_what_may_have_changed_it(made, seqcli, tmp_path):
    recalled = recall(str(made / "result.json"))
    values = recalled.then.to_json()
    values["models"][0]["quality"]["per_seed"][1] += 1e-12
    values["protocol"]["torch"] = "1.0"
    result = difference(recalled, Comparison.from_json(values))
    assert [item.figure for item in result.differing] == ["gru seed 1 test"]
    assert result.changes == [f"torch was {recalled.then.protocol.torch}, is 1.0"]
    with pytest.raises(GateFailedError, match="1 of 5 figures"):
        raise_unless_same(result)


@pytest.fixture(scope="module")
def translated(tmp_path_factory):
    """A seq2seq run on two aligned files, whose second is named as one beside the first."""
    import contextlib

    from seqcli.cli.main import execute

    folder = tmp_path_factory.mktemp("translated")
    (folder / "pairs").mkdir()
    numbers = [f"{number % 9} {number % 7} {number}" for number in range(60)]
    (folder / "pairs/t.de").write_text("".join(f"eins {text}\n" for text in numbers))
    (folder / "pairs/t.en").write_text("".join(f"one {text}\n" for text in numbers))
    model = "seq2seq:cell=rnn,attention=none,tied=false"
    words = ("train", model, "--data", "pairs/t.de::t.en", "--tokenizer", "word", *TINY[:-2], "-q")
    with contextlib.chdir(folder):
        assert execute([*map(str, words), "--out", "mt"]) == 0
    return folder / "mt"


def test_a_seq2seq_run_is_repeated_from_anywhere_with_its_model_s_own_settings(translated, seqcli):
    ran = seqcli("rerun", translated, "--format", "json")
    assert ran.code == 0, ran.err
    result = Rerun.from_json(ran.json)
    assert (result.same, result.changes) == (True, [])


def test_the_command_on_a_run_s_card_makes_the_same_run(translated, seqcli, monkeypatch):
    command = re.search(r"Train it again: `seqcli (.+?)`", (translated / "README.md").read_text())[1]
    monkeypatch.chdir(translated)
    again = seqcli(*shlex.split(command), "--out", translated)
    assert again.code == 0, again.err
    assert "epoch 1" not in again.err, "it was found finished"


def test_a_kind_of_run_that_cannot_be_repeated_says_so(seqcli):
    assert seqcli("guide", 1, "--out", "g").code == 0
    ran = seqcli("rerun", "g")
    assert ran.code == 3
    assert "seqcli.guide/1" in ran.err


def test_a_training_s_figures_are_its_scores_and_size(made):
    result = dict(figures(recall(str(made / "run")).then))
    assert set(result) == {"test", "valid", "parameters", "best epoch"}


@pytest.mark.parametrize(
    ("what", "error", "says"),
    [
        ("0123456789", UsageError, "no comparison is remembered here as #0123456789"),
        ("seqcli 0.1.0 · x@12 · #0123456789", UsageError, "remembered here"),
        ("nothing of the kind", UsageError, "not a run directory, a file or a signature"),
    ],
)
def test_what_is_unknown_here_is_said_to_be(what, error, says):
    with pytest.raises(error, match=says):
        recall(what)


def test_a_result_that_tells_no_configuration_cannot_be_repeated(made, tmp_path):
    values = json.loads((made / "result.json").read_text()) | {"config": {}}
    (tmp_path / "old.json").write_text(json.dumps(values))
    with pytest.raises(DataError, match="changed after seqcli wrote it"):
        recall(str(tmp_path / "old.json"))
    del values["sha256"]  # earlier versions kept none either
    (tmp_path / "old.json").write_text(json.dumps(values))
    with pytest.raises(DataError, match="did not keep its configuration"):
        recall(str(tmp_path / "old.json"))
    (tmp_path / "other.json").write_text('{"schema": "seqcli.train/1"}')
    with pytest.raises(DataError, match=r"schema 'seqcli\.train/1'"):
        recall(str(tmp_path / "other.json"))


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="not a run directory"):
        recall(str(tmp_path))


def test_a_rerun_is_no_look_and_is_judged_as_its_result_was(made, seqcli, tmp_path, monkeypatch):
    """A repetition on another machine neither spends any of the 5 % there nor pays for what was spent."""
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "cache"))

    def alpha_of(folder):
        return json.loads((tmp_path / folder / "summary.json").read_text())["protocol"]["alpha"]

    def rerun(folder):
        ran = seqcli("rerun", made / "result.json", "--jobs", 1, "-o", tmp_path / folder)
        assert ran.code == 0, ran.err
        return alpha_of(folder)

    assert rerun("first") == 0.05
    ran = seqcli(
        "compare", "gru", *ADDING, *TINY, "--seeds", 3, "--no-cost", "-q", "--out", tmp_path / "more"
    )
    assert ran.code == 0, ran.err
    assert alpha_of("more") == 0.05, "the rerun was no look"
    assert rerun("second") == 0.05, "nor is it a further one"
