"""`seqcli train` and `predict` on images: own data without an option, new images, and what is refused."""

import base64
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from making.stopping import trained

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def run(tmp_path_factory, request):
    """A run on the images of examples/, trained in process once."""
    from seqcli.experiments.config import TrainConfig

    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("captions")
    patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    patch.setenv("SEQCLI_CACHE_DIR", str(folder / "cache"))
    shutil.copytree(ROOT / "examples" / "shapes", folder / "shapes")
    options = {
        "model": "captioner:hidden=8,channels=4,embedding=8",
        "data": str(folder / "shapes"),
        "epochs": 2,
        "batch_size": 16,
    }
    trained(TrainConfig.model_validate(options), folder / "run")
    patch.undo()
    return folder


def test_predictions_hold_image_caption_and_what_was_written(run):
    lines = [json.loads(line) for line in (run / "run" / "predictions.jsonl").read_text().splitlines()]
    assert all(set(line) == {"example", "image", "reference", "predicted"} for line in lines)
    assert all((run / "shapes" / line["image"]).is_file() for line in lines)


def test_a_run_writes_the_same_below_an_image_however_it_is_named(run):
    from seqcli.data.config import DataConfig
    from seqcli.experiments.caption_images import NewImage, captioned, images_of, open_captioner
    from seqcli.experiments.use_config import PredictConfig

    captioner = open_captioner(run / "run", PredictConfig())
    table = list(images_of(DataConfig(data=str(run / "shapes" / "captions.csv")), "image"))
    assert len(table) == 64
    by_table = {each.image: each.caption for each in captioned(captioner, table)}
    folder = list(images_of(DataConfig(data=str(run / "shapes")), "image"))
    assert {each.image: each.caption for each in captioned(captioner, folder)} == by_table
    for line in (run / "run" / "predictions.jsonl").read_text().splitlines():
        example = json.loads(line)
        assert by_table[example["image"]] == example["predicted"]
    path = str(run / "shapes" / table[0].name)
    assert captioned(captioner, [NewImage(path, path)])[0].caption == by_table[table[0].name]


def test_attention_over_patches_adds_up_to_one_for_each_piece(run):
    from seqcli.experiments.caption_images import NewImage, open_captioner, read_image
    from seqcli.experiments.use_config import PredictConfig
    from seqcli.reports.parts.image_attention_figure import draw_image_attention

    captioner = open_captioner(run / "run", PredictConfig())
    path = str(run / "shapes" / "large-red-disc-left.png")
    pixels = read_image(captioner, NewImage(path, path))
    attention = captioner.attend(pixels)
    assert attention.weights.shape == (len(attention.pieces), 4, 4)
    assert attention.pieces[-1] == "⏎"
    assert attention.weights.sum(axis=(1, 2)) == pytest.approx(1.0, abs=1e-5)
    figure = draw_image_attention(pixels, attention.pieces[:6], attention.weights[:6], "a run")
    assert sum(bool(axes.images) for axes in figure.axes) == 1 + min(len(attention.pieces), 6)


@pytest.fixture(scope="module")
def own(run):
    """The run on its own test split."""
    from seqcli.experiments.run_evaluation import evaluate_own
    from seqcli.experiments.use_config import EvaluateConfig

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(run / "cache"))
        patch.setenv("SEQCLI_CACHE_DIR", str(run / "cache"))
        return evaluate_own(run / "run", EvaluateConfig(worst=3))


def test_evaluate_keeps_the_first_wrong_captions_with_their_images_and_where_each_word_looked(run, own):
    from PIL import Image

    lines = [json.loads(line) for line in (run / "run" / "predictions.jsonl").read_text().splitlines()]
    wrong = [line for line in lines if line["predicted"] != line["reference"]]
    shown = [each for each in own.captions if each.predicted != each.reference]
    assert [each.example for each in shown] == [line["example"] for line in wrong][:3]
    for each in own.captions:
        line = lines[each.example]
        assert (each.image, each.reference) == (line["image"], line["reference"])
        stored = np.frombuffer(base64.b64decode(each.pixels.base64), np.uint8)
        file = np.asarray(Image.open(run / "shapes" / each.image).convert("RGB"))
        assert (stored == file.reshape(-1)).all()
        assert np.sum(each.weights, axis=(1, 2)) == pytest.approx(1.0, abs=0.01)
        assert len(each.pieces) == len(each.weights) <= 48
    assert not own.texts_missing


def test_the_page_of_a_captioner_shows_an_image_for_each_word_and_names_the_patch(run, own):
    from seqcli.reports.draw.html_page import render_page
    from seqcli.reports.parts.image_attention_figure import MOST_ON_PAGE

    page = render_page(own, command="seqcli evaluate run")
    first = own.captions[0]
    drawn = first.pieces[:MOST_ON_PAGE]
    assert page.count("data:image/png;base64") >= len(drawn)
    assert all(f">{piece}</text>" in page for piece in drawn)
    row, column = divmod(int(np.argmax(first.weights[0])), len(first.weights[0][0]))
    assert f"{first.pieces[0]} at row {row + 1} of 4, column {column + 1} of 4" in page
    assert "Wrong captions, the first" in page
    assert "Pictures of captions" in page
    assert "Calibration error" not in page


def test_the_page_of_a_trained_captioner_shows_them_too(run, own, monkeypatch):
    from seqcli.cli.commands.train import with_captions
    from seqcli.experiments.trained_result import read_result
    from seqcli.reports.draw.panel import panels_of

    monkeypatch.setenv("XDG_CACHE_HOME", str(run / "cache"))
    result = with_captions(read_result(run / "run"))
    assert result.captions[:3] == own.captions[:3]
    drawn = [panel.title for panel in panels_of(result) if "“" in panel.title]
    assert drawn == [panel.title for panel in panels_of(own)]


def test_captions_of_images_that_are_gone_are_told_without_them(run, tmp_path, monkeypatch):
    from seqcli.experiments.run_evaluation import evaluate_own
    from seqcli.experiments.use_config import EvaluateConfig

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path))
    (run / "shapes").rename(run / "moved")
    try:
        lost = evaluate_own(run / "run", EvaluateConfig(worst=3))
    finally:
        (run / "moved").rename(run / "shapes")
    assert [each.pixels for each in lost.captions] == [None] * len(lost.captions)
    assert "shapes" in lost.texts_missing
    assert evaluate_own(run / "run", EvaluateConfig(texts=False)).captions == []


def test_heat_is_where_the_attention_is():
    from matplotlib.colors import to_rgb

    from seqcli.reports.parts.image_attention_figure import HEAT, heated

    share = np.array([[0.0, 1.0], [0.0, 0.0]], np.float32)
    drawn = heated(np.full((4, 4, 1), 128, np.uint8), share)
    warmth = np.abs(drawn - np.array(to_rgb(HEAT))).sum(axis=2)
    assert (warmth[:2, 2:] < 0.5 * warmth[2:].min()).all()
    assert np.ptp(drawn[2:], axis=2).max() < 1e-9  # grey


def test_an_image_of_another_size_is_refused_with_both_sizes(run, tmp_path):
    from PIL import Image

    from seqcli.errors import DataError
    from seqcli.experiments.caption_images import NewImage, open_captioner, read_image
    from seqcli.experiments.use_config import PredictConfig

    Image.new("RGB", (5, 7)).save(tmp_path / "odd.png")
    captioner = open_captioner(run / "run", PredictConfig())
    with pytest.raises(DataError, match=r"odd\.png has 5x7 pixels"):
        read_image(captioner, NewImage("odd.png", str(tmp_path / "odd.png")))


def test_evaluate_tests_a_run_on_new_captions_by_the_scores_that_training_tells(run):
    """The test images in a table of their own are scored as training scored them."""
    from seqcli.data.config import DataConfig
    from seqcli.experiments.run_evaluation import evaluate_new, read_new
    from seqcli.experiments.use_config import EvaluateConfig

    lines = [json.loads(line) for line in (run / "run" / "predictions.jsonl").read_text().splitlines()]
    table = run / "shapes" / "tested.csv"
    rows = [f'{line["image"]},"{line["reference"]}"' for line in lines]
    table.write_text("\n".join(["image,caption", *rows, f"{lines[0]['image']},"]) + "\n")
    result = evaluate_new(run / "run", read_new(run / "run", DataConfig(data=str(table))), EvaluateConfig())
    table.unlink()
    test = json.loads((run / "run" / "summary.json").read_text())["test"]
    assert (result.score.metric, result.score.examples, result.unlabelled) == ("BLEU", len(lines), 1)
    assert result.score.value == pytest.approx(test["value"], abs=1e-9)
    assert {*result.beside} == {"chrF", "exact_match"}
    assert result.majority is None


def test_a_stopped_captioner_goes_on_to_the_same_bytes(run, tmp_path, monkeypatch):
    from making.stopping import check_stops_leave_no_trace

    from seqcli.experiments.config import TrainConfig
    from seqcli.experiments.train import plan_training

    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(run / "cache"))
    settings = {"data": str(run / "shapes"), "epochs": 2, "batch_size": 16}
    plan = plan_training(TrainConfig(model="captioner:hidden=4,channels=2,embedding=4", **settings))
    check_stops_leave_no_trace(plan, tmp_path, stops=(2,))


def test_a_cell_alone_is_told_what_writes_below_images(run):
    from seqcli.errors import UsageError
    from seqcli.experiments.config import TrainConfig
    from seqcli.experiments.train import plan_training

    with pytest.raises(UsageError, match="a task of kind caption") as refused:
        plan_training(TrainConfig(model="gru", data=str(run / "shapes")))
    assert "try captioner:cell=gru" in refused.value.hint
