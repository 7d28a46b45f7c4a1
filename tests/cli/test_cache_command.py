"""`seqcli cache`: what it lists is what is there, and what it clears is seqcli's own and nothing else."""

import json
import shutil

import pytest
from making.forked import run_in_text


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """A cache in which a small comparison was kept."""
    folder = tmp_path_factory.mktemp("used")
    data = folder / "mood.csv"
    rows = [f"{a} {b} {mood},{mood}" for a in "abcdef" for b in "ghijk" for mood in ("good", "bad")]
    data.write_text("text,label\n" + "\n".join(rows) + "\n")
    line = ["compare", "rnn", "gru", "--data", str(data), "--seeds", "2", "--epochs", "1", "--hidden", "4"]
    ended = run(folder / "cache", *line, "--embedding", "4", "--batch-size", "8", "--no-cost", "-q")
    assert ended.returncode == 0, ended.stderr
    return folder / "cache"


@pytest.fixture
def cache(used, tmp_path):
    return shutil.copytree(used, tmp_path / "cache")


def run(cache, *line):
    environ = {"SEQCLI_CACHE_DIR": str(cache), "PATH": "", "OMP_NUM_THREADS": "1"}
    return run_in_text(*line, environment=environ)


def parts(cache, *line):
    ended = run(cache, "cache", *line, "--format", "json")
    assert ended.returncode == 0, ended.stderr
    return {part["name"]: part for part in json.loads(ended.stdout)["parts"]}


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_every_leg_record_and_prepared_data_set_is_counted_with_its_bytes(cache):
    result = parts(cache)
    assert result["legs"]["entries"] == 4
    assert result["data"]["entries"] == 1
    for name, part in result.items():
        size = sum(path.stat().st_size for path in (cache / name).rglob("*") if path.is_file())
        assert part["bytes"] == size, name


def test_clearing_says_what_would_go_and_takes_nothing_until_it_is_told_yes(cache):
    before = files(cache)
    assert set(parts(cache, "clear")) == {"data", "legs", "baselines", "kernels", "comparisons"}
    assert files(cache) == before


def test_what_is_cleared_is_gone_and_the_memory_of_looks_stays_unless_it_is_named(cache):
    parts(cache, "clear", "--yes")
    assert {name.partition("/")[0] for name in files(cache)} == {"looks"}
    parts(cache, "clear", "looks", "--yes")
    assert files(cache) == set()


def test_a_part_alone_can_be_cleared(cache):
    before = files(cache)
    parts(cache, "clear", "legs", "--yes")
    assert {name for name in before if not name.startswith("legs/")} == files(cache)


def test_other_peoples_files_and_what_a_link_leads_to_stay_and_are_named(cache, tmp_path):
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    (cache / "cost").mkdir()
    (cache / "cost" / "aa.json").symlink_to(outside)
    (cache / "comparisons" / "mine.json").write_text("[1, 2]")
    (cache / "data" / "thesis").mkdir()
    (cache / "data" / "thesis" / "manifest.json").write_text("{}")
    leg = next((cache / "legs").iterdir())
    (leg / "notes.txt").write_text("mine")
    left = parts(cache, "clear", "--yes")
    values = [line for part in left.values() for line in part["kept"]]
    assert len(values) == 4
    assert any(f"{leg}: " in line and "notes.txt" in line for line in values)
    assert outside.read_text() == "{}"
    remaining = {name for name in files(cache) if not name.startswith(("looks/", f"legs/{leg.name}/"))}
    assert remaining == {"cost/aa.json", "comparisons/mine.json", "data/thesis/manifest.json"}


def test_a_part_that_there_is_not_and_a_lone_yes_are_refused(cache):
    refused = run(cache, "cache", "clear", "wine")
    assert refused.returncode == 2
    assert "data, legs, baselines" in refused.stderr
    assert run(cache, "cache", "--yes").returncode == 2
    assert run(cache, "cache", "empty").returncode == 2
