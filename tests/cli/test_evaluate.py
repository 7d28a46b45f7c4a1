"""`seqcli evaluate`: a finished run on its own test split and on new labelled data."""

import csv
import io
import json
import re

import pytest
from conftest import TINY, write_reviews
from sklearn.metrics import balanced_accuracy_score, f1_score

from seqcli.cli.main import execute
from seqcli.reports.report import FORMATS
from seqcli.results.evaluate import EvaluatedRun


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of reviews, half learnt."""
    folder = tmp_path_factory.mktemp("evaluated")
    data = write_reviews(folder / "reviews.csv", 120)
    line = ["train", "gru", "--data", data, *TINY, "--epochs", "3", "-q", "--out", folder / "run"]
    assert execute([str(part) for part in line]) == 0
    return folder / "run"


@pytest.fixture
def new(tmp_path):
    """Labelled reviews that the run never saw; every third is labelled wrongly."""
    rows = [
        ("bad" if number % 2 else "good", "negative" if bool(number % 2) ^ (number % 3 == 0) else "positive")
        for number in range(30)
    ]
    path = tmp_path / "new.csv"
    path.write_text("text,label\n" + "".join(f"a {word} film,{label}\n" for word, label in rows))
    return path


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def evaluated(seqcli, *line):
    ran = seqcli("evaluate", *line, "--format", "json")
    assert ran.code == 0, ran.err
    return EvaluatedRun.from_json(ran.json)


def test_a_run_is_shown_on_its_own_test_split_as_training_left_it(seqcli, trained):
    evaluation = evaluated(seqcli, trained)
    summary = json.loads((trained / "summary.json").read_text())
    answers = [json.loads(line) for line in (trained / "predictions.jsonl").read_text().splitlines()]
    right, actual = ([answer[key] for answer in answers] for key in ("label", "predicted"))
    assert (evaluation.data, evaluation.score.value) == (None, summary["test"]["value"])
    assert evaluation.score.ci95[0] < evaluation.score.value < evaluation.score.ci95[1]
    assert evaluation.by_class.macro_F1 == pytest.approx(f1_score(right, actual, average="macro"))
    assert evaluation.by_class.balanced_accuracy == pytest.approx(balanced_accuracy_score(right, actual))
    assert evaluation.wrong == sum(item != other for item, other in zip(right, actual, strict=True))


def test_training_tells_macro_f1_beside_accuracy_and_the_classes_when_asked_for_more(seqcli, trained):
    line = ["train", "gru", "--data", trained.parent / "reviews.csv", *TINY, "--epochs", "3", "-q"]
    short = seqcli(*line, "--out", trained).out
    long = seqcli(*line, "--out", trained, "-v").out
    by_class = evaluated(seqcli, trained).by_class
    assert re.search(rf"^test macro-F1 +{100 * by_class.macro_F1:.1f} %$", short, re.MULTILINE)
    for scored in by_class.classes:
        assert re.search(
            rf"^  {scored.label} +{scored.right} of {scored.examples} found", short, re.MULTILINE
        )
    assert "mistaken for" not in short
    assert "mistaken for" in long
    assert (
        seqcli("evaluate", trained)
        .out.partition("classes one by one")[2]
        .startswith(long.partition("classes one by one")[2].rstrip("\n"))
    )
    value = seqcli(*line, "--out", trained, "--format", "json").json
    assert value["by_class"] == by_class.to_json()


def test_new_data_is_answered_as_predict_answers_it(seqcli, trained, new):
    evaluation = evaluated(seqcli, trained, "--data", new, "--worst", "100")
    result = seqcli("predict", trained, "--data", new, "--text-column", "text").out.splitlines()
    values = [line.split("\t")[0] for line in result]
    right = [row["label"] for row in rows_of(new)]
    share = sum(item == other for item, other in zip(values, right, strict=True)) / len(right)
    assert (evaluation.data, evaluation.score.value, evaluation.score.examples) == (
        str(new),
        pytest.approx(share),
        30,
    )
    assert evaluation.by_class.macro_F1 == pytest.approx(
        f1_score(right, values, average="macro", zero_division=0)
    )
    assert evaluation.majority == max(right.count(label) for label in set(right)) / 30
    wrong = {number + 2 for number, (a, b) in enumerate(zip(values, right, strict=True)) if a != b}
    assert {element.row for element in evaluation.worst} == wrong
    assert evaluation.wrong == len(wrong)


def test_the_worst_errors_are_the_surest_with_their_text_and_row(seqcli, trained, new):
    evaluation = evaluated(seqcli, trained, "--data", new, "--worst", "3")
    assert [wrong.probability for wrong in evaluation.worst] == sorted(
        (item.probability for item in evaluation.worst), reverse=True
    )
    rows = rows_of(new)
    assert [wrong.text for wrong in evaluation.worst] == [
        rows[wrong.row - 2]["text"] for wrong in evaluation.worst
    ]
    assert [wrong.label for wrong in evaluation.worst] == [
        rows[wrong.row - 2]["label"] for wrong in evaluation.worst
    ]
    screen = seqcli("evaluate", trained, "--data", new, "--worst", "3").out
    assert f"row {evaluation.worst[0].row}" in screen
    assert evaluation.worst[0].text in screen
    without = seqcli("evaluate", trained, "--data", new, "--worst", "3", "--no-texts").out
    assert evaluation.worst[0].text not in without
    assert f"row {evaluation.worst[0].row}" in without


def test_the_columns_are_guessed_echoed_or_named_as_in_training(seqcli, trained, new, tmp_path):
    guessed = seqcli("evaluate", trained, "--data", new)
    assert guessed.code == 0
    assert "guessed: --text-column text --label-column label" in guessed.err
    other = tmp_path / "other.csv"
    other.write_text(new.read_text().replace("text,label", "x,y"))
    named = seqcli("evaluate", trained, "--data", other, "--text-column", "x", "--label-column", "y")
    assert named.code == 0
    assert "guessed" not in named.err
    assert named.out.partition("accuracy")[2] == guessed.out.partition("accuracy")[2]


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ("postive", "Did you mean 'positive'?"),
        ("unheard", "Rename such labels, or leave their rows out of the file."),
    ],
)
def test_a_label_that_the_run_never_learnt_is_an_error_with_its_place(seqcli, trained, new, label, says):
    lines = new.read_text().splitlines()
    lines[4] = f"a good film,{label}"
    new.write_text("\n".join(lines) + "\n")
    ran = seqcli("evaluate", trained, "--data", new)
    assert ran.code == 3
    text = " ".join(ran.err.split())
    assert f"new.csv, row 5: the label '{label}' is no class of the run (1 of 30 are not)" in text
    assert "Its classes: 'negative', 'positive'." in text
    assert says in text


def test_a_column_without_any_known_label_asks_for_another(seqcli, trained, new):
    ran = seqcli("evaluate", trained, "--data", new, "--text-column", "label", "--label-column", "text")
    assert ran.code == 3
    assert "Is this the column of the labels?" in " ".join(ran.err.split())


def test_rows_without_a_label_are_an_error_or_left_out_and_counted(seqcli, trained, new):
    new.write_text(new.read_text() + "a good film,\n")
    assert seqcli("evaluate", trained, "--data", new).code == 3
    evaluation = evaluated(seqcli, trained, "--data", new, "--missing-labels", "drop")
    assert (evaluation.unlabelled, evaluation.score.examples) == (1, 30)


@pytest.mark.parametrize("form", FORMATS.names())
def test_every_format_tells_it_and_a_file_gets_the_same(seqcli, trained, new, tmp_path, form):
    ran = seqcli("evaluate", trained, "--data", new, "--format", form)
    assert ran.code == 0, ran.err
    result = seqcli("evaluate", trained, "--data", new, "--format", form, "-o", tmp_path / "kept")
    assert (result.code, result.out) == (0, "")
    assert (tmp_path / "kept").read_text(encoding="utf-8") == ran.out


def test_csv_is_one_row_with_the_scores(seqcli, trained, new):
    out = seqcli("evaluate", trained, "--data", new, "--format", "csv").out
    (row,) = csv.DictReader(io.StringIO(out))
    evaluation = evaluated(seqcli, trained, "--data", new)
    assert float(row["score.value"]) == evaluation.score.value
    assert float(row["by_class.macro_F1"]) == evaluation.by_class.macro_F1


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (["--text-column", "text"], 2, "--text-column needs --data FILE beside it"),
        (["--data", "missing.csv"], 3, "missing.csv"),
        (["--format", "yaml"], 2, "unknown format 'yaml'"),
        (["--worst", "-1"], 2, "worst"),
        (["-o", "no/such/place"], 2, "no/such"),
    ],
)
def test_what_cannot_be_done_is_named(seqcli, trained, more, code, says):
    ran = seqcli("evaluate", trained, *more)
    assert ran.code == code
    assert says in " ".join(ran.err.split())


def test_what_is_no_finished_run_is_named(seqcli, tmp_path):
    assert seqcli("evaluate").code == 2
    (tmp_path / "empty").mkdir()
    assert seqcli("evaluate", "empty").code == 4
