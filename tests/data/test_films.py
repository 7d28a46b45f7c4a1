"""Films: frames in folders of clips or in an .npz file, each a step that a convolution reads."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from seqcli.data.config import DataConfig
from seqcli.data.data_words import data_notes
from seqcli.data.encoded_signals import SignalShape
from seqcli.data.kind import own_kind
from seqcli.data.signal_tables import Scope, data_sha256, read_signals
from seqcli.errors import DataError, UsageError
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.label_signals import new_signals
from seqcli.experiments.predict import open_signal_predictor
from seqcli.experiments.train import plan_training, train
from seqcli.experiments.use_config import PredictConfig
from seqcli.models.config import ModelConfig
from seqcli.models.convolution import FrameEncoder
from seqcli.models.frames import FrameSize
from seqcli.models.network import build
from seqcli.results.events import drive

RNG = np.random.default_rng(0)


def film(steps, moves, size=6):
    """A column of light that moves left or right over a noisy picture."""
    frames = RNG.integers(0, 60, (steps, size, size)).astype(np.uint8)
    for step in range(steps):
        frames[step, :, (step * moves) % size] = 220
    return frames


def save(folder, frames):
    folder.mkdir(parents=True, exist_ok=True)
    for number, pixels in enumerate(frames, start=1):
        Image.fromarray(pixels).save(folder / f"frame_{number}.png")


@pytest.fixture
def folder(tmp_path):
    for number in range(5):
        save(tmp_path / "films" / "left" / f"clip{number}", film(11 + number % 2, -1))
        save(tmp_path / "films" / "right" / f"clip{number}", film(11, 1))
    return tmp_path / "films"


def read(place, scope=None, **options):
    return read_signals(str(place), DataConfig(data=str(place), **options), scope or Scope())


def test_a_folder_of_clips_by_class_is_read_frame_by_frame_in_the_order_of_their_numbers(folder):
    assert own_kind(DataConfig(data=str(folder))) == "signal"
    table = read(folder)
    assert [signal.label for signal in table.signals] == ["left"] * 5 + ["right"] * 5
    assert table.film.size == (6, 6, 1)
    first = table.signals[1]
    assert (first.name, first.values.shape) == ("left/clip1", (12, 36))
    tenth = np.asarray(Image.open(folder / "left" / "clip1" / "frame_10.png"))
    np.testing.assert_array_equal(first.values[9], tenth.reshape(-1))  # and not frame_2, as letters sort


def test_one_frame_in_colour_makes_all_of_three_numbers_a_pixel(folder):
    Image.fromarray(np.full((6, 6, 3), (9, 8, 7), np.uint8)).save(folder / "left" / "clip0" / "frame_1.png")
    table = read(folder)
    assert (table.film.channels, table.signals[0].values[0, :3].tolist()) == (3, [9, 8, 7])
    assert len(set(table.signals[0].values[1, :3])) == 1


def test_all_pixels_share_one_mean_and_one_deviation_and_the_notes_say_what_was_read(folder, make):
    prepared = make(data=str(folder))
    shape = SignalShape.model_validate_json(json.dumps(prepared.reading))
    assert (shape.frame_size, len(set(shape.means)), len(set(shape.deviations))) == ((6, 6, 1), 1, 1)
    train = prepared.splits["train"].values
    assert (train.mean(), train.std()) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-3))
    assert "an image grey of 6 x 6 pixels" in " ".join(data_notes(prepared.facts))


def test_images_are_brought_to_one_size_where_it_is_said_and_new_ones_to_it_too(folder, make):
    save(folder / "left" / "clip0", np.kron(film(11, -1), np.ones((2, 2), np.uint8)))
    with pytest.raises(
        DataError, match=r"left/clip1/frame_1\.png has 6x6 pixels, .* 12x12 pixels"
    ) as refused:
        read(folder)
    assert "--image-size 32x32" in refused.value.hint
    prepared = make(data=str(folder), image_size="3x3")
    assert (prepared.input_size, prepared.facts.signals.film.resized) == (9, 57 + 55)
    shape = SignalShape.model_validate_json(json.dumps(prepared.reading))
    table, _ = new_signals(shape, DataConfig(data=str(folder / "right" / "clip1")))
    assert table.signals[0].values.shape == (11, 9)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("left/clip0/frame_3.png", b"\x89PNG\r\n\x1a\nbroken", r"frame_3\.png is not a whole PNG or JPEG"),
        ("left/clip0/frame_3.png", b"", r"frame_3\.png is not a whole PNG or JPEG"),
        ("left/clip0/notes.txt", b"a", r"notes\.txt is no image of a frame"),
        ("left/stray.png", b"a", "images at 2 and 3 folders' depth"),
    ],
)
def test_what_is_no_frame_is_told_with_its_file(folder, name, content, says):
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=says):
        read(folder)


def test_what_a_folder_of_frames_has_no_room_for_is_refused(folder, written):
    with pytest.raises(UsageError, match="no folder of clips by class"):
        read(folder / "left")
    with pytest.raises(UsageError, match="one class for each clip"):
        read(folder, Scope(per_step=True))
    with pytest.raises(UsageError, match="--label-column"):
        read(folder, label_column="x")
    with pytest.raises(UsageError, match="--image-size is for image files"):
        read(written("x.csv", "id,x,label\na,1,up\na,2,up\nb,3,down\n"), image_size="4x4")


def test_a_class_that_is_called_otherwise_is_other_data(folder):
    before = data_sha256(str(folder), DataConfig())
    (folder / "right").rename(folder / "up")
    assert data_sha256(str(folder), DataConfig()) != before


@pytest.mark.parametrize("joined", [False, True])
def test_an_npz_file_holds_films_with_a_class_for_each_frame(tmp_path, joined):
    films = np.stack([film(7, 1), film(7, -1)])
    arrays = {"x": films.reshape(14, 6, 6), "lengths": [7, 7]} if joined else {"x": films}
    labels = np.array([[0] * 3 + [1] * 4] * 2)
    np.savez(tmp_path / "films.npz", y=labels.reshape(-1) if joined else labels, **arrays)
    table = read(tmp_path / "films.npz", Scope(per_step=True))
    assert (table.film.size, table.signals[1].step_labels) == ((6, 6, 1), tuple("0001111"))
    np.testing.assert_array_equal(table.signals[1].values, films[1].reshape(7, 36))


def test_an_npz_of_images_of_two_numbers_a_pixel_is_refused(tmp_path):
    np.savez(tmp_path / "films.npz", x=np.zeros((2, 7, 6, 6, 2)), y=[0, 1])
    with pytest.raises(DataError, match=r"6 x 6 pixels with 2 numbers each"):
        read(tmp_path / "films.npz")


# The encoder of frames


def test_a_frame_s_vector_is_that_of_torch_s_own_layers():
    encoder = FrameEncoder(FrameSize(5, 7, 3), 4).double()
    encoder.initialise(generator=torch.Generator().manual_seed(0))
    frames = torch.rand(2, 3, 5 * 7 * 3, dtype=torch.float64)
    features = frames[1, 2].reshape(5, 7, 3).permute(2, 0, 1)[None]
    (block,) = encoder.blocks  # 7 columns become 4, which is as few as tell places
    for weight, bias in ((block.weight_first, block.bias_first), (block.weight_second, block.bias_second)):
        layer = torch.nn.Conv2d(weight.shape[1], len(weight), 3, padding=1).double()
        layer.load_state_dict({"weight": weight.detach(), "bias": bias.detach()})
        features = layer(features).relu()
    features = torch.nn.MaxPool2d(2, ceil_mode=True)(features).flatten()
    expected = (encoder.weight_output @ features + encoder.bias_output).relu()
    torch.testing.assert_close(encoder(frames)[1, 2], expected)


@pytest.mark.parametrize(
    ("size", "blocks", "mapped"),
    [((16, 16, 1), 2, 4 * 4 * 16), ((4, 3, 3), 1, 2 * 2 * 8), ((64, 40, 3), 4, 4 * 3 * 64)],
)
def test_blocks_halve_a_frame_to_four_pixels_a_side(size, blocks, mapped):
    assert (len(FrameSize(*size).features) - 1, FrameSize(*size).mapped) == (blocks, mapped)


def test_frames_beyond_a_film_s_end_change_neither_its_answer_nor_its_gradients():
    config = ModelConfig(model="lstm", hidden=4, embedding=5, dropout=0.0, bidirectional=True)
    network = build(
        config,
        vocab_size=0,
        output_size=3,
        generator=torch.Generator().manual_seed(0),
        inputs=FrameSize(6, 6, 1),
    ).double()
    frames, targets = torch.rand(2, 3, 36, dtype=torch.float64), torch.tensor([0, 2])
    gradients = []
    for more in (0, 4):
        network.zero_grad()
        padded = torch.nn.functional.pad(frames, (0, 0, 0, more), value=3.0)
        network.batch_loss(padded, torch.tensor([3, 3]), targets).backward()
        gradients.append([weight.grad.clone() for weight in network.parameters()])
    for item, other in zip(*gradients, strict=True):
        torch.testing.assert_close(item, other)


def test_without_an_encoder_the_recurrence_reads_pixels():
    config = ModelConfig(model="gru", hidden=4, embedding=5, frame_encoder="flat")
    network = build(
        config, vocab_size=0, output_size=3, generator=torch.Generator(), inputs=FrameSize(6, 6, 1)
    )
    assert network.recurrent.input_size == 36
    assert "frame_encoder" not in ModelConfig(model="gru").model_dump()  # as runs of before it were named


# A run


def test_a_run_on_films_learns_and_labels_new_clips_and_refuses_those_of_another_size(folder, tmp_path):
    config = TrainConfig(
        model="gru", data=str(folder), hidden=12, embedding=12, epochs=8, lr=0.01, split="60,20,20"
    )
    drive(train(plan_training(config), tmp_path / "run", overwrite=False, should_stop=lambda: False))
    predictor = open_signal_predictor(tmp_path / "run", PredictConfig())
    assert isinstance(predictor.network.embedding, FrameEncoder)
    table, _ = new_signals(predictor.shape, DataConfig(data=str(folder / "right")))
    answers = [each.answer.label for each in predictor.predict(table.signals)]
    assert answers.count("right") >= 4
    save(tmp_path / "large", film(5, 1, size=9))
    table, _ = new_signals(predictor.shape, DataConfig(data=str(tmp_path / "large")))
    with pytest.raises(DataError, match="the run reads images of 6x6 pixels with 1 each"):
        predictor.predict(table.signals)


def test_the_encoder_of_frames_is_refused_where_there_are_none(written):
    table = written("x.csv", "id,x,label\n" + "".join(f"{n},{n % 7},{'ab'[n % 2]}\n" * 2 for n in range(30)))
    config = TrainConfig(model="gru:frame_encoder=flat", data=table, kind="signal")
    with pytest.raises(UsageError, match="--frame-encoder reads frames that are images"):
        plan_training(config)
