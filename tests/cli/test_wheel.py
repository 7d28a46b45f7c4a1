"""The wheel holds all that seqcli needs: built, installed apart from the sources, and run."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            folder,
            ROOT,
        ],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_module_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    tracked = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "seqcli").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == tracked
    assert "seqcli/py.typed" in names


def test_the_installed_wheel_trains_and_predicts(wheel, reviews, tmp_path):
    venv.create(tmp_path / "env", with_pip=False)
    site = next((tmp_path / "env").glob("lib*/python*/site-packages"))
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel], check=True
    )
    # The dependencies are those of this environment; seqcli itself is not there to be found.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = tmp_path / "env/bin/python"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def run(*arguments):
        return subprocess.run(
            [python, "-m", "seqcli", *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    where = subprocess.run(
        [python, "-c", "import seqcli; print(seqcli.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(site) in where.stdout
    assert "compare" in run("--help")
    run(
        "train",
        "gru",
        "--data",
        reviews,
        "--hidden",
        8,
        "--embedding",
        8,
        "--epochs",
        1,
        "--out",
        "run",
        "-q",
    )
    assert "\t" in run("predict", "run", "good film")
