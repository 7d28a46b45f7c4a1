"""Images with captions: how files and tables are read, what is refused and where, what stays together."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seqcli.data.column_roles import look_at
from seqcli.data.config import DataConfig
from seqcli.data.data_words import data_notes
from seqcli.data.images import MOST_PIXELS, decode_image
from seqcli.data.kind import fitting_kinds, own_kind
from seqcli.data.numeric_values import LONGEST_SIDE
from seqcli.data.tables import read_table
from seqcli.errors import DataError, SeqcliError


def spelt(pixels, kind="PNG", **options):
    """An image file's bytes."""
    stream = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(stream, kind, **options)
    return stream.getvalue()


def noise(number, shape=(4, 6)):
    return np.random.default_rng(number).integers(0, 256, shape, np.uint8)


@pytest.fixture
def folder(tmp_path):
    """A folder of images and a table beside them, one caption each unless said otherwise."""

    def write(images, rows=None, name="captions.csv", header="image,caption"):
        place = tmp_path / "pictures"
        place.mkdir(exist_ok=True)
        for key, content in images.items():
            (place / key).parent.mkdir(exist_ok=True, parents=True)
            (place / key).write_bytes(content if isinstance(content, bytes) else spelt(content))
        listed = rows or [f"{key},a picture of {number}" for number, key in enumerate(images)]
        (place / name).write_text("\n".join([header, *listed]) + "\n", encoding="utf-8")
        return str(place / name)

    return write


def twelve(shape=(4, 6)):
    return {f"{number}.png": noise(number, shape) for number in range(12)}


def read_image(prepared, split, place):
    inputs = prepared.splits[split].rows(np.array([place])).inputs[0]
    reading = prepared.reading
    return inputs * np.array(reading["deviations"]) + np.array(reading["means"])


# Reading images


@pytest.mark.parametrize(
    ("mode", "channels"), [("L", 1), ("1", 1), ("LA", 1), ("RGB", 3), ("P", 3), ("RGBA", 3), ("I;16", 1)]
)
def test_every_mode_of_png_becomes_grey_or_red_green_and_blue(mode, channels):
    image = Image.fromarray(noise(1)).convert("RGB" if mode in ("RGBA", "P") else "L")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    stream = io.BytesIO()
    (image if mode == "I;16" else image.convert(mode)).save(stream, "PNG")
    assert decode_image(stream.getvalue(), "x.png").pixels.shape == (4, 6, channels)


def test_a_grey_png_is_read_to_the_bit_and_sixteen_bits_keep_their_upper_eight():
    assert (decode_image(spelt(noise(3)), "x.png").pixels[:, :, 0] == noise(3)).all()
    stream = io.BytesIO()
    Image.fromarray(noise(3).astype(np.uint16) * 257).save(stream, "PNG")
    assert (decode_image(stream.getvalue(), "x.png").pixels[:, :, 0] == noise(3)).all()


def test_what_is_transparent_stands_on_white():
    clear = np.zeros((2, 2, 4), np.uint8)
    assert (decode_image(spelt(clear), "x.png").pixels == 255).all()


def test_a_photograph_is_turned_as_its_camera_says():
    stream = io.BytesIO()
    tags = Image.Exif()
    tags[0x0112] = 6  # turn by 90 degrees
    Image.fromarray(noise(1)).save(stream, "JPEG", exif=tags)
    assert decode_image(stream.getvalue(), "x.jpg").pixels.shape == (6, 4, 1)


def test_resizing_averages_the_pixels_that_become_one():
    pixels = np.kron(noise(5), np.ones((3, 3), np.uint8))
    small = decode_image(spelt(pixels), "x.png", "6x4")
    assert small.resized
    assert (small.pixels[:, :, 0] == noise(5)).all()


def png_claiming(width, height):
    """A PNG whose header claims a size that its content does not have."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("sides", [(8001, 8000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_an_image_of_too_many_pixels_is_refused_by_its_header(sides):
    with pytest.raises(DataError, match=f"x.png has more than {MOST_PIXELS:,} pixels"):
        decode_image(png_claiming(*sides), "x.png", "8x8")


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a" + bytes(40), spelt(noise(1))[:40], png_claiming(6, 4), b"\xff\xd8\xff" + bytes(99)],
    ids=["empty", "another format", "cut off", "too little inside", "no photograph"],
)
def test_what_is_no_whole_image_is_one_message(content):
    with pytest.raises(DataError, match=r"x\.png is not a whole PNG or JPEG image"):
        decode_image(content, "x.png")


# Tables


def test_a_table_that_names_images_is_of_captions_without_a_word(make, folder):
    path = folder(twelve())
    assert own_kind(DataConfig(data=path)) == "caption"
    prepared = make(data=path)
    assert prepared.kind == "caption"
    assert {name: len(split) for name, split in prepared.splits.items()} == {
        "train": 10,
        "valid": 1,
        "test": 1,
    }
    assert "12 images grey of 6 x 4 pixels; standardised by training alone" in data_notes(prepared.facts)


def test_a_folder_stands_for_the_one_table_in_it(make, folder):
    path = folder(twelve())
    of_folder, of_file = make(data=str(Path(path).parent)), make(data=path)
    assert (of_folder.name, of_file.name) == ("pictures", "captions")
    assert of_folder.facts.sha256 == of_file.facts.sha256


def test_the_columns_are_found_by_what_they_hold(make, folder):
    rows = [f"{number},{number}.png,a text about {number}" for number in range(12)]
    facts = make(data=folder(twelve(), rows, header="nr,file,text")).facts
    assert (facts.images.image_column, facts.images.caption_column) == ("file", "text")


def test_inspect_recognises_such_a_table(folder):
    fits = fitting_kinds(look_at(read_table(folder(twelve()), DataConfig())))
    assert next(iter(fits)) == "caption"
    assert dict(fits["caption"].columns) == {"image_column": "image", "caption_column": "caption"}


def test_texts_that_a_person_wants_classified_stay_texts(folder):
    path = folder(twelve())
    assert own_kind(DataConfig(data=path, text_column="caption", label_column="image")) == "classify"


def test_pixels_are_those_of_the_file_and_captions_those_of_the_table(make, folder):
    images = twelve()
    prepared = make(data=folder(images))
    names = list(prepared.texts("test"))
    assert np.abs(read_image(prepared, "test", 0)[:, :, 0] - images[names[0]]).max() < 1e-3
    assert list(prepared.splits["test"].references) == [f"a picture of {list(images).index(names[0])}"]


def test_training_alone_decides_the_mean(make, folder, tmp_path):
    train = {f"{n}.png": np.full((2, 2), 10 + n % 2, np.uint8) for n in range(2)}
    bright = {"bright.png": np.full((2, 2), 255, np.uint8), "white.png": np.full((2, 2), 250, np.uint8)}
    path = folder({**train, **bright}, ["0.png,dark", "1.png,grey"])
    for part, name in (("valid", "bright.png"), ("test", "white.png")):
        (Path(path).parent / f"{part}.csv").write_text(f"image,caption\n{name},light\n")
    places = {part: str(Path(path).parent / f"{part}.csv") for part in ("valid", "test")}
    reading = make(train=path, **places).reading
    assert reading["means"] == [10.5]
    assert reading["deviations"] == [0.5]


def test_all_captions_of_an_image_are_in_one_split_whatever_its_files_are_called(make, folder):
    images = {**twelve(), **{f"again/{number}.png": noise(number) for number in range(12)}}
    rows = [f"{key},caption {place} of it" for place, key in enumerate(images)]
    prepared = make(data=folder(images, rows), split="50,25,25")
    by_split = {
        name: {Path(text).name for text in prepared.texts(name)} for name in ("train", "valid", "test")
    }
    assert not by_split["train"] & by_split["test"]
    assert not by_split["train"] & by_split["valid"]
    assert len(prepared.texts("test")) == 2 * len(by_split["test"])


def test_a_test_image_that_training_has_too_is_told(make, folder):
    path = folder(twelve())
    prepared = make(train=path, test=path)
    assert any("also occur in train" in warning for warning in prepared.facts.warnings)


def test_grey_images_among_those_in_colour_have_three_numbers_a_pixel(make, folder):
    images = {**twelve(), "red.png": noise(99, (4, 6, 3))}
    prepared = make(data=folder(images))
    assert prepared.input_size == 3
    for split in ("train", "valid", "test"):
        for place, name in enumerate(prepared.texts(split)):
            expected = images[name] if images[name].ndim == 3 else images[name][:, :, None].repeat(3, 2)
            assert np.abs(read_image(prepared, split, place) - expected).max() < 1e-3


def test_images_of_several_sizes_are_brought_to_one_when_asked_and_counted(make, folder):
    images = {**twelve(), "large.png": noise(99, (8, 12))}
    prepared = make(data=folder(images), image_size="6x4")
    assert prepared.facts.images.resized == 1
    assert "1 of them resized" in data_notes(prepared.facts)[0] or any(
        "1 of them resized to it" in note for note in data_notes(prepared.facts)
    )


def test_the_same_data_elsewhere_is_the_same_data(make, folder, tmp_path):
    path = Path(folder(twelve()))
    before = make(data=str(path)).sha256
    path.parent.rename(tmp_path / "moved")
    assert make(data=str(tmp_path / "moved" / path.name)).sha256 == before


def test_one_changed_pixel_is_other_data(make, folder):
    images = twelve()
    before = make(data=folder(images)).sha256
    images["3.png"] = images["3.png"] ^ 1
    assert make(data=folder(images)).sha256 != before


# What bad input gets


def refused(make, path, **options):
    with pytest.raises(SeqcliError) as error:
        make(data=path, kind="caption", **options)
    assert error.value.exit_code in (2, 3)
    return f"{error.value.message} {error.value.hint or ''}"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"5.png": spelt(noise(5))[:60]}, r"captions.csv, row 7: .*5.png is not a whole PNG or JPEG image"),
        ({"5.png": b""}, r"captions.csv, row 7: .*5.png is not a whole PNG or JPEG image"),
        (
            {"5.png": noise(5, (5, 5))},
            r"captions.csv, row 7: 5.png has 5x5 pixels, .*6x4 pixels --image-size|row 7",
        ),
        ({"5.png": png_claiming(9000, 9000)}, rf"row 7: .*more than {MOST_PIXELS:,} pixels"),
    ],
    ids=["broken", "empty", "another size", "huge"],
)
def test_an_image_that_cannot_be_read_is_told_with_file_and_row(make, folder, change, expected):
    import re

    assert re.search(expected, refused(make, folder({**twelve(), **change})))


def test_a_missing_image_is_told_with_its_row_and_the_nearest_name(make, folder):
    path = folder(twelve())
    (Path(path).parent / "5.png").rename(Path(path).parent / "55.png")
    text = refused(make, path)
    assert "captions.csv, row 7: " in text
    assert "5.png: no such file" in text
    assert "Did you mean" in text


def test_an_image_that_is_a_pipe_or_a_folder_is_refused_and_never_waited_for(make, folder):
    path = folder(twelve())
    (Path(path).parent / "5.png").unlink()
    os.mkfifo(Path(path).parent / "5.png")
    assert "row 7: " in refused(make, path)
    (Path(path).parent / "5.png").unlink()
    (Path(path).parent / "5.png").mkdir()
    assert "row 7: " in refused(make, path)


def test_images_larger_than_are_read_say_how_to_make_them_smaller(make, folder):
    side = LONGEST_SIDE + 1
    text = refused(make, folder({f"{n}.png": noise(n, (side, 4)) for n in range(5)}))
    assert f"row 2: 0.png has 4x{side} pixels" in text
    assert "--image-size" in text


def test_a_row_without_a_name_is_told_and_one_without_a_caption_is_dropped_and_counted(make, folder):
    rows = [f"{number}.png,some caption {number}" for number in range(12)]
    assert "row 4 names no image" in refused(make, folder(twelve(), [*rows[:2], ",nothing", *rows[2:]]))
    prepared = make(data=folder(twelve(), [*rows[:11], "11.png,"]), kind="caption")
    assert "1 row was dropped: no caption" in prepared.facts.warnings


def test_a_table_without_images_says_what_columns_it_has(make, folder):
    text = refused(make, folder(twelve(), [f"word {n},other {n}" for n in range(12)]))
    assert "Its columns: image, caption" in text
    assert "--image-column" in text


def test_a_folder_without_a_table_says_what_it_wants(make, folder):
    path = Path(folder(twelve()))
    path.unlink()
    assert "with no table" in refused(make, str(path.parent))


@pytest.mark.parametrize("size", ["32", "0x4", "4x0", "32x32x3", "257x2", "axb", "-1x4", ""])
def test_a_size_that_is_none_is_refused_with_what_is_allowed(size):
    with pytest.raises(ValueError, match="image_size"):
        DataConfig(image_size=size)


def mutated(content, generator):
    """A file's bytes with some changed, left out or doubled."""
    data = bytearray(content)
    for _ in range(int(generator.integers(1, 6))):
        place = int(generator.integers(0, max(len(data), 1)))
        how = int(generator.integers(0, 4))
        if how == 0 and data:
            data[min(place, len(data) - 1)] = int(generator.integers(0, 256))
        elif how == 1:
            del data[place : place + int(generator.integers(1, 40))]
        elif how == 2:
            data[place:place] = generator.bytes(int(generator.integers(1, 20)))
        else:
            data[place:place] = data[place : place + 30]
    return bytes(data)


def fuzz(count, seed):
    """Decode so many broken files: each is an image or one message."""
    generator = np.random.default_rng(seed)
    files = [spelt(noise(1, (9, 7))), spelt(noise(2, (9, 7, 3))), spelt(noise(3, (9, 7, 3)), "JPEG")]
    files += [spelt(noise(4, (9, 7, 4))), spelt(noise(5, (16, 16)), "JPEG", progressive=True)]
    for number in range(count):
        size = (None, "5x5", "16x3")[number % 3]
        try:
            image = decode_image(mutated(files[number % len(files)], generator), "x.png", size).pixels
        except DataError as error:
            assert "\n" not in error.message  # noqa: PT017 the kind of error is what matters
        else:
            assert image.dtype == np.uint8
            assert image.ndim == 3


def test_broken_files_are_images_or_one_message():
    fuzz(300, seed=0)


@pytest.mark.torture
def test_ten_thousand_broken_files_are_images_or_one_message():
    fuzz(10_000, seed=1)
