"""What tests of the upper floors share: a cache of their own, a small learnable data set, the program."""

import difflib
import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
from hypothesis.internal.conjecture import providers

# Tests run side by side, one a core: a second thread in each would wait for a core that is taken, and spin.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same inputs on every machine, so that a failing check is a broken change and not a lucky draw;
# `make torture` looks further, with other inputs each time.
hypothesis.settings.register_profile("repeatable", derandomize=True)
hypothesis.settings.load_profile("repeatable")
# hypothesis draws the constants of every module that happens to be loaded too: inputs would change with any
# number in any file, and with the tests that ran before.
providers._get_local_constants = lambda: providers._local_constants


def pytest_addoption(parser):
    parser.addoption(
        "--inputs", type=int, help="how many inputs each hypothesis test draws, new ones each time"
    )
    parser.addoption(
        "--renew-goldens", action="store_true", help="write tests/goldens anew, to be read in the diff"
    )


LONG = (
    "experiments/test_same_bytes.py",
    "cli/test_readme.py",
    "torture/test_failing_calls.py",
    "experiments/test_published.py",
    "runs/test_kills.py",
    "torture/test_faults.py",
    "torture/test_hostile_files.py",
    "cli/test_wheel.py",
    "making/test_house.py",
    "experiments/test_explosion_demo.py",
    "experiments/test_what_is_left.py",
    "cli/test_surroundings.py",
    "cli/test_ci_example.py",
    "tasks/test_tasks.py",
)
"""Files that take longest: were one of them the last (`--dist loadfile`), a core would wait for the other."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Long files first. `--inputs 100000` outranks the number that a test asks for itself."""
    order = {str(Path(__file__).parent / name): place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: order.get(str(item.path), len(LONG)))
    wanted = config.getoption("--inputs")
    for item in items if wanted else ():
        asked = getattr(item.obj, "_hypothesis_internal_use_settings", None)
        if asked is not None:
            item.obj._hypothesis_internal_use_settings = hypothesis.settings(
                asked, max_examples=wanted, derandomize=False, database=None, deadline=None
            )


WORDS = ["the", "a", "film", "plot", "actor", "scene", "with", "and", "very", "rather", "story", "music"]
GOLDENS = Path(__file__).with_name("goldens")
TINY = ("--hidden", "8", "--embedding", "8", "--epochs", "2", "--batch-size", "16")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """No test reads or writes the person's cache, configuration or working folder."""
    home = tmp_path_factory.mktemp("home")
    os.environ["SEQCLI_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    os.environ["XDG_CONFIG_HOME"] = str(home)
    for name in [name for name in os.environ if name.startswith("SEQCLI_") and name != "SEQCLI_CACHE_DIR"]:
        del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def _forked_workers():
    """Workers of comparisons are forked, and not started anew."""
    from making.forked import forked_worker

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqcli.launch.local.start_worker", forked_worker)
        yield


def write_reviews(path: Path, rows: int = 240) -> Path:
    """Texts of 3 to 9 words whose label is told by one of them."""
    lines = ["text,label"]
    for number in range(rows):
        good = number % 2 == 0
        words = [WORDS[(number * 7 + place * 5) % len(WORDS)] for place in range(2 + number % 7)]
        words.insert(number % (len(words) + 1), "good" if good else "bad")
        lines.append(f"{' '.join(words)} {number},{'positive' if good else 'negative'}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def reviews(tmp_path_factory) -> Path:
    return write_reviews(tmp_path_factory.mktemp("reviews") / "reviews.csv")


@dataclass(frozen=True)
class Ran:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        """The one document that `--format json` writes."""
        return json.loads(self.out)


@pytest.fixture
def seqcli(capsys, monkeypatch, tmp_path):
    """Run one command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ran:
        from seqcli.cli.main import execute

        code = execute([str(argument) for argument in arguments])
        output = capsys.readouterr()
        return Ran(code, output.out, output.err)

    return run


@pytest.fixture
def shell(tmp_path):
    """Run one command line in a process of its own (forked), in an empty folder unless one is given."""

    def run(*arguments: object, stdin: bytes = b"", folder: Path = tmp_path, **environment: str) -> Ran:
        from making.forked import run as run_forked

        done = run_forked(*arguments, stdin=stdin, folder=folder, environment={**os.environ, **environment})
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def golden(request):
    """Hold a text against the file of that name in `tests/goldens`, which a person has read."""

    def check(name: str, text: str) -> None:
        path = GOLDENS / name
        if request.config.getoption("--renew-goldens"):
            path.write_text(text, encoding="utf-8")
        known = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        changed = difflib.unified_diff(known, text.splitlines(), f"goldens/{name}", "now", lineterm="")
        difference = "\n".join(changed)
        assert not difference, f"if this is meant: pytest --renew-goldens\n{difference}"

    return check


@pytest.fixture
def _own_signals():
    """What a command does with signals is over when its test is."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
