"""Recordings as log-mel frames: values, rates, channels, sample formats, tables of paths, broken files."""

import json
import math
import sys
import wave

import numpy as np
import pytest

from seqcli.config.layers import from_values, validate
from seqcli.data.config import DataConfig
from seqcli.data.data_words import data_notes
from seqcli.data.encoded_signals import SignalShape
from seqcli.data.kind import own_kind
from seqcli.data.log_mel import LogMel, Sound, read_sound
from seqcli.data.signal_tables import Scope, data_sha256, read_signals
from seqcli.errors import DataError, SeqcliError, UsageError
from seqcli.experiments.label_signals import new_signals

soundfile = pytest.importorskip("soundfile", reason="the extra audio is not installed")
librosa = pytest.importorskip("librosa")


def tone(first, last, rate=8000, seconds=0.2):
    """A tone that glides from one frequency to another, from −0.5 to 0.5."""
    times = np.arange(int(rate * seconds)) / rate
    return 0.5 * np.sin(2 * math.pi * (first * times + (last - first) * times**2 / (2 * seconds)))


def save(path, samples, rate=8000):
    """Sixteen bits, by the standard library alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = samples[:, None] if samples.ndim == 1 else samples
    with wave.open(str(path), "wb") as file:
        file.setnchannels(columns.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((columns * 32767).astype("<i2").tobytes())


@pytest.fixture
def folder(tmp_path):
    for number in range(6):
        save(tmp_path / "words" / "up" / f"{number}.wav", tone(300 + 20 * number, 900))
        save(tmp_path / "words" / "down" / f"{number}.wav", tone(900, 300 + 20 * number, seconds=0.25))
    return tmp_path / "words"


def read(place, scope=None, **options):
    config = validate(DataConfig, from_values({"data": str(place), **options}, "a test"))
    return read_signals(str(place), config, scope or Scope())


def test_frames_are_powers_of_windows_in_mel_bands_by_numpy():
    """Hann's window about each hop, padded by zeros; its spectrum's power in the library's bands, in dB."""
    samples = tone(500, 1500).astype(np.float32)
    making = LogMel(8000, mels=20)
    window = np.zeros(512)
    window[156:356] = 0.5 - 0.5 * np.cos(2 * math.pi * np.arange(200) / 200)
    padded = np.pad(samples, 256)
    spectra = [np.fft.rfft(window * padded[start : start + 512]) for start in range(0, len(samples) + 1, 80)]
    bands = librosa.filters.mel(sr=8000, n_fft=512, n_mels=20)
    expected = 10 * np.log10(np.maximum(np.abs(spectra) ** 2 @ bands.T, 1e-10))
    frames = making.frames(Sound(samples, 8000, 1), "x")
    np.testing.assert_allclose(frames, expected, atol=0.01)


def test_a_folder_by_class_is_known_by_its_recordings(folder):
    assert own_kind(DataConfig(data=str(folder))) == "signal"
    table = read(folder)
    assert [signal.label for signal in table.signals] == ["down"] * 6 + ["up"] * 6
    assert table.signals[0].values.shape == (26, 40)  # 250 ms in hops of 10 ms, and the one at its start
    short = read(folder, mels=13, frame="32ms", hop="20ms")
    assert short.signals[0].values.shape == (13, 13)


def test_another_rate_is_resampled_and_several_channels_are_averaged_and_both_are_told(folder, make):
    save(folder / "up" / "fast.wav", tone(300, 900, rate=16000), 16000)
    save(folder / "up" / "stereo.wav", np.stack([tone(310, 900), tone(310, 900)], axis=1))
    table = read(folder)
    assert (table.sound.rate, table.sound.resampled, table.sound.mixed) == (8000, {"16000": 1}, 1)
    by_name = {signal.name: signal.values for signal in table.signals}
    loud = by_name["up/0.wav"] > -20
    assert np.abs(by_name["up/fast.wav"] - by_name["up/0.wav"])[loud].max() < 1
    notes = " ".join(data_notes(make(data=str(folder)).facts))
    assert "14 recordings at 8,000 samples a second: 40 log-mel bands" in notes
    assert "resampled: 1 of 16,000 samples a second" in notes
    assert "1 recording of several channels" in notes
    assert read(folder, rate=16000).sound.resampled == {"8000": 13}


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_samples_of_any_width_say_the_same(tmp_path, subtype):
    soundfile.write(str(tmp_path / "x.wav"), tone(400, 800), 8000, subtype=subtype)
    sound = read_sound(str(tmp_path / "x.wav"))
    np.testing.assert_allclose(sound.samples, tone(400, 800), atol=0.01 if subtype == "PCM_U8" else 1e-4)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("up/z.wav", b"RIFF\x10\0\0\0WAVEjunk", r"z\.wav cannot be read as sound"),
        ("up/z.wav", b"", r"z\.wav cannot be read as sound"),
        ("up/z.txt", b"a", r"z\.txt is no recording"),
        ("z.wav", b"a", r"z\.wav is in no class's folder"),
    ],
)
def test_what_is_no_recording_is_named(folder, name, content, says):
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=says):
        read(folder)


def test_a_recording_without_a_sample_or_with_one_that_is_no_number_is_named(folder):
    save(folder / "up" / "z.wav", np.zeros(0))
    with pytest.raises(DataError, match=r"z\.wav holds no sample"):
        read(folder)
    soundfile.write(str(folder / "up" / "z.wav"), np.array([0.0, np.nan]), 8000, subtype="FLOAT")
    with pytest.raises(DataError, match=r"z\.wav holds a sample"):
        read(folder)


def test_a_table_names_recordings_their_labels_and_their_speakers(folder, make):
    rows = [
        f"words/{label}/{number}.wav,{label},s{number}" for label in ("up", "down") for number in range(6)
    ]
    table = folder.parent / "list.csv"
    table.write_text("path,word,speaker\n" + "\n".join(rows) + "\n")
    assert own_kind(DataConfig(data=str(table))) == "signal"
    prepared = make(data=str(table), label_column="word", group_column="speaker")
    assert sum(prepared.facts.groups.values()) == 6
    assert len(read(folder).signals) == prepared.facts.examples == 12
    before = data_sha256(str(table), DataConfig(label_column="word"))
    save(folder / "up" / "0.wav", tone(200, 900))
    assert data_sha256(str(table), DataConfig(label_column="word")) != before
    table.write_text("path,word\nwords/up/0.wav,up\nwords/up/none.wav,up\n")
    with pytest.raises(DataError, match=r"row 3: there is no file .*none\.wav"):
        read(table)


def test_a_run_reads_new_recordings_at_the_rate_and_in_the_frames_that_it_learnt_from(folder, make):
    prepared = make(data=str(folder), mels=10, hop="20ms")
    shape = SignalShape.model_validate_json(json.dumps(prepared.reading))
    save(folder.parent / "new.wav", tone(300, 900, rate=16000), 16000)
    table, _ = new_signals(shape, DataConfig(data=str(folder.parent / "new.wav")))
    assert (table.sound.rate, table.sound.resampled) == (8000, {"16000": 1})
    assert table.signals[0].values.shape == (11, 10)


def test_without_the_extra_one_message_says_how_to_install_it(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(UsageError, match="soundfile, which is not installed") as error:
        read(folder)
    assert error.value.hint == "pip install 'seqcli[audio]'"


def test_options_of_recordings_are_refused_where_there_is_none_and_where_bands_would_be_empty(
    folder, written
):
    with pytest.raises(UsageError, match="--mels is for recordings"):
        read(written("x.csv", "id,x,label\na,1,up\na,2,up\nb,3,down\n"), mels=20)
    with pytest.raises(UsageError, match=r"--mels 256: .* of the bands are narrower"):
        read(folder, mels=256, rate=48000, frame="5ms")
    with pytest.raises(SeqcliError, match="frame"):
        read(folder, frame="long")
    with pytest.raises(UsageError, match="one class each"):
        read(folder, Scope(per_step=True))
