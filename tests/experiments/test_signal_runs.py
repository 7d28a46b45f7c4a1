"""Signals from end to end: train, go on after a stop, predict in every format, evaluate, compare, gradprobe."""

import json
import math
import random

import numpy as np
import pytest
import torch
from making.stopping import check_stops_leave_no_trace

from seqcli.cli.main import main
from seqcli.data.config import DataConfig
from seqcli.data.signals import read_signals
from seqcli.experiments.config import PredictConfig, TrainConfig
from seqcli.experiments.predict import open_signal_predictor
from seqcli.experiments.train import plan_training

SMALL = ["--hidden", "8", "--epochs", "3", "-q"]


def recordings(count=60):
    """Rows of circles, shakes and rest by a simulated sensor of two axes: id, time, axes, gesture."""
    chance = random.Random(0)
    for number in range(count):
        gesture = ("circle", "shake", "still")[number % 3]
        speed, phase = {"circle": 0.2, "shake": 1.2, "still": 0.0}[gesture], chance.random() * 6
        for step in range(chance.randint(10, 20)):
            size = 0.0 if gesture == "still" else 1.0
            x, y = (size * wave(phase + speed * step) + chance.gauss(0, 0.1) for wave in (math.sin, math.cos))
            yield f"r{number},{step * 20},{x:.4f},{y:.4f},{gesture}"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("signals") / "gestures.csv"
    path.write_text("recording,ms,ax,ay,gesture\n" + "\n".join(recordings()) + "\n")
    return path


def told(capsys, *words, code=0):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    out = capsys.readouterr()
    assert (ended.value.code or 0) == code, out.err
    return out.out if code == 0 else out.err
