"""`seqcli inspect` on a bare folder: how many images or recordings, of which sizes, which are broken."""

import wave

import numpy as np
import pytest
from PIL import Image

from seqcli.data.config import DataConfig
from seqcli.experiments.inspect.folder_look import folder_look
from seqcli.experiments.inspect.inspection import inspect_data
from seqcli.reports.draw.page import Page
from seqcli.reports.report import render


@pytest.fixture
def films(tmp_path):
    """Two classes of twelve clips, three grey frames of 6x4 pixels each."""
    random = np.random.default_rng(0)
    for name in "ab":
        for clip in range(12):
            place = tmp_path / "films" / name / str(clip)
            place.mkdir(parents=True)
            for frame in range(3):
                Image.fromarray(random.integers(0, 256, (4, 6), np.uint8)).save(place / f"{frame}.png")
    return tmp_path / "films"


def shown(folder):
    return " ".join(
        render(inspect_data([DataConfig(data=str(folder))], order=False), "table", Page()).split()
    )


def test_a_folder_of_films_tells_its_frames_their_size_and_the_next_command(films):
    look = folder_look(str(films))
    assert (look.images, look.sounds, look.forms, look.broken) == (72, 0, {"6x4 pixels grey": 72}, [])
    assert look.bytes == sum(path.stat().st_size for path in films.rglob("*.png"))
    text = shown(films)
    assert "images 72 of 6x4 pixels grey" in text
    assert "classes 2: a 50.0 %" in text
    assert "".join(f"seqcli compare --data {films}".split()) in "".join(text.split())


def test_broken_images_and_those_of_another_size_or_colour_are_counted_and_named(films):
    (films / "a" / "0" / "0.png").write_bytes(b"no image at all")
    Image.fromarray(np.zeros((5, 5, 3), np.uint8)).save(films / "b" / "0" / "0.png")
    look = folder_look(str(films))
    assert look.forms == {"6x4 pixels grey": 70, "5x5 pixels colour": 1}
    assert look.broken == ["a/0/0.png"]
    text = shown(films)
    assert "images 70 of 6x4 pixels grey, 1 of 5x5 pixels colour" in text
    assert "broken 1 file: a/0/0.png" in text
    assert "is not a whole PNG or JPEG image: it begins as neither does" in text
    assert "object at" not in text


def test_a_folder_of_recordings_tells_their_rates_and_a_folder_without_any_nothing(tmp_path):
    pytest.importorskip("soundfile")
    for number, rate in enumerate((8000, 8000, 16_000)):
        with wave.open(str(tmp_path / f"{number}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(b"\0\0" * 100)
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    look = folder_look(str(tmp_path))
    assert (look.sounds, look.forms, look.broken) == (4, {"8000 Hz mono": 2, "16000 Hz mono": 1}, ["x.wav"])
    (tmp_path / "empty").mkdir()
    assert folder_look(str(tmp_path / "empty")) is None
    assert folder_look(str(tmp_path / "0.wav")) is None
