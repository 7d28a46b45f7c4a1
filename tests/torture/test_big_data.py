"""The memory that preparing, training and scoring take does not grow with the data."""

import runpy
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "big_data.py"


@pytest.mark.torture
@pytest.mark.timeout(7200)
def test_three_times_the_data_is_prepared_trained_on_and_scored_in_the_same_memory(tmp_path: Path):
    measure = runpy.run_path(str(BENCHMARK))["measure"]
    peaks = []
    for megabytes in (100, 300):
        folder = tmp_path / str(megabytes)
        folder.mkdir()
        peaks.append(measure(megabytes, "classify", folder, leg=True))
    small, large = peaks
    assert set(large) == {"prepare", "training", "scoring"}
    assert all(large[part] < 1.15 * small[part] for part in large), peaks
