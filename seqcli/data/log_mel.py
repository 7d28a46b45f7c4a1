"""Sound as frames: what a file of samples holds, at one rate, as log-mel energies by librosa."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.config import DataConfig
from seqcli.data.files import opened
from seqcli.data.signal_tables import MAX_NUMBERS
from seqcli.errors import DataError, UsageError

SUFFIXES = frozenset({".wav", ".wave", ".flac"})
"""Endings of files of sound that lose nothing: samples of 8, 16, 24 or 32 bits, or floating-point ones."""

MELS, FRAME, HOP = 40, 25.0, 10.0
"""Usual in recognition of speech: 40 bands, windows of 25 ms every 10 ms (Young et al., 2006)."""

SHORTEST_FFT = 512
"""Points of a Fourier transform at least: of fewer, narrow bands of low tones would hold no point at all."""

FLOOR = 1e-10
"""The least power that is told, −100 dB: silence has no logarithm."""


@dataclass(frozen=True)
class Sound:
    """The samples of a file.

    Args:
        samples: One channel, the mean of several, from −1 to 1 (S) float32.
        rate: Samples a second.
        channels: How many channels the file had.
    """

    samples: NDArray[np.float32]
    rate: int
    channels: int


def library(name: str, location: str) -> ModuleType:
    """One of the packages that read sound.

    Raises:
        UsageError: It is not installed.
    """
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise UsageError(
            f"{location} holds sound, which needs the package {name}, which is not installed",
            "pip install 'seqcli[audio]'",
        ) from None


def read_sound(path: str) -> Sound:
    """The samples of a file.

    Raises:
        DataError: It is no sound, holds no sample, one that is no number, or more than fit.
        UsageError: It is a pipe or device, or a package is missing.
    """
    soundfile = library("soundfile", path)
    with opened(path) as file:
        content = BytesIO(file.read())
    try:
        with soundfile.SoundFile(content) as sound:
            rate, channels = int(sound.samplerate), int(sound.channels)
            if sound.frames * channels > MAX_NUMBERS:
                raise DataError(f"{path} holds more than {MAX_NUMBERS:,} samples", "Cut it into pieces.")
            samples = sound.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, ValueError, MemoryError, OverflowError) as error:
        reason = str(error).rstrip(".").removeprefix(f"Error opening {content!r}: ")
        raise DataError(
            f"{path} cannot be read as sound: {reason}", "Write it anew, as .wav of 16 bits."
        ) from error
    if not len(samples):
        raise DataError(f"{path} holds no sample", "Leave it out, or record it anew.")
    if not np.isfinite(samples).all():
        raise DataError(f"{path} holds a sample that is no finite number", "Write it anew.")
    return Sound(samples.mean(axis=1), rate, channels)


@dataclass(frozen=True)
class LogMel:
    """The making of frames: power in bands of the mel scale, in dB.

    Args:
        rate: Samples a second; sound of another rate is resampled.
        mels: Bands.
        frame: Milliseconds of a window (Hann's).
        hop: Milliseconds from one window to the next.
    """

    rate: int
    mels: int = MELS
    frame: float = FRAME
    hop: float = HOP

    @classmethod
    def of(cls, config: DataConfig, rate: int) -> "LogMel":
        """The making that a configuration asks for, at a rate that stands where it names none."""
        return cls(config.rate or rate, config.mels or MELS, config.frame or FRAME, config.hop or HOP)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the channels (C)."""
        return tuple(f"mel{band + 1}" for band in range(self.mels))

    def samples(self, milliseconds: float) -> int:
        """Samples of so much time, at least one."""
        return max(1, round(self.rate * milliseconds / 1000))

    @property
    def points(self) -> int:
        """Points of the Fourier transform: a power of two that holds a window."""
        return max(SHORTEST_FFT, 1 << (self.samples(self.frame) - 1).bit_length())

    def frames(self, sound: Sound, where: str) -> NDArray[np.float64]:
        """A sound's frames (T, mels), in dB of full scale, the first centred on its first sample.

        Raises:
            UsageError: A package is missing, or bands are so narrow that some hold no point.
        """
        librosa = library("librosa", where)
        samples: NDArray[Any] = sound.samples
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sounds shorter than a window, and of a transform's padding
            if sound.rate != self.rate:
                samples = librosa.resample(samples, orig_sr=sound.rate, target_sr=self.rate)
            power = librosa.feature.melspectrogram(
                y=samples,
                sr=self.rate,
                n_fft=self.points,
                win_length=self.samples(self.frame),
                hop_length=self.samples(self.hop),
                n_mels=self.mels,
            )
            # librosa's own default cuts 80 dB below a recording's maximum: one sound would be told
            # differently by what else is in its file.
            decibels = librosa.power_to_db(power, ref=1.0, amin=FLOOR, top_db=None)
        return np.asarray(decibels, np.float64).T

    def check(self, location: str) -> None:
        """Refuse bands that hold no point of the transform: their energy would be none whatever is heard.

        Raises:
            UsageError: How many there are.
        """
        librosa = library("librosa", location)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the very bands that are told here
            bands = librosa.filters.mel(sr=self.rate, n_fft=self.points, n_mels=self.mels)
        empty = int((bands.max(axis=1) == 0).sum())
        if empty:
            raise UsageError(
                f"--mels {self.mels}: {empty} of the bands are narrower than windows of {self.frame:g} ms"
                f" at {self.rate:,} samples a second tell apart",
                "Ask for fewer bands (--mels), or longer windows (--frame).",
            )


def most_frequent_rate(rates: Sequence[int]) -> int:
    """The rate that most files have; of equals the higher one, which loses nothing."""
    return max(set(rates), key=lambda rate: (rates.count(rate), rate))


def is_sound(path: PurePath) -> bool:
    """Return whether a file's name is that of sound."""
    return path.suffix.lower() in SUFFIXES
