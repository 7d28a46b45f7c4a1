import shlex

import pytest

from seqcli.cli.commands.compare import PARTS
from seqcli.cli.pictures import tell_lacking
from seqcli.cli.repeat import repeat_command
from seqcli.cli.resolve import resolve
from seqcli.experiments.config import CompareConfig
from seqcli.reports.draw.picture import check_picture

TINY = ("--hidden", "8", "--embedding", "8", "--epochs", "2", "--batch-size", "16", "--seeds", "1")


def test_a_comparison_leaves_a_picture_and_a_page(seqcli, reviews, tmp_path):
    (tmp_path / "a.html").write_text("an older page")
    command = ("compare", "lstm", "gru", "--data", str(reviews), *TINY, "--no-cost")
    ran = seqcli(*command, "-q", "--plot", "a.svg", "--report", "a.html")
    assert ran.code == 0, ran.err
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")
    page = (tmp_path / "a.html").read_text()
    assert "Learning curves" in page
    words = page.split("<code>")[1].split("</code>")[0].replace("&#39;", "'")
    assert shlex.split(words)[:4] == ["seqcli", "compare", "lstm", "gru"]
    again = seqcli(*shlex.split(words)[1:], "-q")
    assert (again.code, again.out) == (0, ran.out.replace("pictures: a.html", "pictures: --report out.html"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "a.svg"]


def test_a_training_run_leaves_a_page_with_its_course_its_classes_and_the_command(seqcli, reviews, tmp_path):
    ran = seqcli(
        "train", "gru", "--data", str(reviews), *TINY[:-2], "-q", "--report", "t.html", "--plot", "t.svg"
    )
    assert ran.code == 0, ran.err
    page = (tmp_path / "t.html").read_text()
    for item in ("Validation, epoch by epoch", "kept: epoch", "Each class", "confusion: right classes down"):
        assert item in page
    assert page.count("<svg") == 2
    assert shlex.split(page.split("<code>")[1].split("</code>")[0])[:3] == ["seqcli", "train", "gru"]
    assert (tmp_path / "t.svg").read_text().startswith("<?xml")


def test_a_probe_leaves_a_page_that_opens_with_its_curves(seqcli, tmp_path):
    ran = seqcli(
        "gradprobe", "rnn", "--len", "12", "--hidden", "4", "--seeds", "2", "-q", "--report", "p.html"
    )
    assert ran.code == 0, ran.err
    page = (tmp_path / "p.html").read_text()
    assert page.index("State Jacobian: mean") < page.index('id="result"')
    assert "gates cure vanishing" in page or "What the guide says" not in page
    assert "seqcli gradprobe rnn --len 12" in page


@pytest.mark.parametrize("command", [("train", "gru", "--data", "missing.csv"), ("gradprobe", "rnn")])
def test_a_page_that_cannot_be_written_is_refused_before_anything_is_read(seqcli, command):
    assert seqcli(*command, "--report", "nowhere/x.html").code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--plot", "x.bmp"), ".png, .svg, .pdf"),
        (("--plot", "nowhere/x.png"), "there is no folder nowhere"),
        (("--report", "x.txt"), ".html, .htm"),
        (("--report", "nowhere/x.html"), "there is no folder nowhere"),
        (("--report", "folder.html"), "is a folder"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_anything_runs(seqcli, tmp_path, arguments, told):
    (tmp_path / "folder.html").mkdir()
    ran = seqcli("compare", "lstm", "gru", "--data", "missing.csv", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "missing.csv" not in ran.err


def test_letters_that_no_font_has_are_told_with_the_file(tmp_path, capsys):
    picture = check_picture(str(tmp_path / "x.png"))
    tell_lacking(picture, ())
    assert capsys.readouterr().err == ""
    tell_lacking(picture, tuple("\u1000\u1001\u1002\u1003\u1004\u1005\u1006\u1007\u1008\u1009\u100a"))
    err = capsys.readouterr().err
    assert "no installed font has 11 letters" in err
    assert "\u1009 …" in err
    assert "\u100a" not in err


def given(**typed):
    """What was typed, as typer hands it over."""
    values = {part.key: None for part in PARTS}
    return {**values, "print_config": False, **typed}


def test_the_command_that_repeats_a_comparison_has_what_files_and_the_environment_set(tmp_path, monkeypatch):
    (tmp_path / "exp.yaml").write_text(
        "hidden: 24\ncost: false\nclip: null\nexpect: ['gru.accuracy >= 0.5']\n"
    )
    monkeypatch.setenv("SEQCLI_MARGIN", "2.5")
    monkeypatch.chdir(tmp_path)
    typed = given(
        models=["lstm", "gru:hidden=8"],
        task="adding",
        seeds="1,2,5",
        config="exp.yaml",
        set=["task.length=30"],
        match="hidden,params",
        out="folder",
        plot="x.png",
    )
    line = repeat_command("compare", CompareConfig, PARTS, typed)
    words = shlex.split(line)
    assert words[:4] == ["seqcli", "compare", "lstm", "gru:hidden=8"]
    assert "--out" not in words
    assert "--plot" not in words
    assert "--no-cost" in words
    assert words[words.index("--clip") + 1] == "null"
    assert words[words.index("--expect") + 1] == "gru.accuracy >= 0.5"
    assert words[words.index("--set") + 1] == "task.length=30"
    first, _ = resolve(CompareConfig, PARTS, typed)
    monkeypatch.delenv("SEQCLI_MARGIN")
    again = given(models=["lstm", "gru:hidden=8"], **read(words[4:]))
    second, _ = resolve(CompareConfig, PARTS, again)
    assert second.model_dump(exclude={"out"}) == first.model_dump(exclude={"out"})


def read(words):
    """The options of a line as typer reads them."""
    flags = {part.long: part for part in PARTS if hasattr(part, "long")}
    mapping, rest = {}, list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("--no-"):
            mapping[word[5:]] = False
        elif flags[word].kind == "pair":
            mapping[flags[word].key] = True
        elif flags[word].kind == "list":
            mapping.setdefault(flags[word].key, []).append(rest.pop(0))
        else:
            mapping[flags[word].key] = rest.pop(0)
    return mapping
