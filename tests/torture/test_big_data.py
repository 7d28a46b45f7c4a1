"""The memory that preparing takes does not grow with the data."""

import runpy
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "big_data.py"


@pytest.mark.torture
@pytest.mark.timeout(7200)
def test_three_times_the_data_is_prepared_in_the_same_memory(tmp_path: Path):
    benchmark = runpy.run_path(str(BENCHMARK))
    peaks = []
    for megabytes in (100, 300):
        table = tmp_path / f"{megabytes}.csv"
        benchmark["write_reviews"](table, megabytes, "classify")
        arguments = ["-c", benchmark["PREPARE"], str(table)]
        peaks.append(benchmark["measured"](arguments, tmp_path / f"cache-{megabytes}")[0])

    assert peaks[1] < 1.15 * peaks[0]
