"""Whatever surrounds the program: the same result and no traceback (promises 16, 17 and 26)."""

import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from making import forked
from making.stopping import KEPT_FILES

PROGRAM = (sys.executable, "-m", "seqcli")
AT_ITS_START = {"LANG", "PYTHONIOENCODING", "PYTHONHASHSEED"}
"""What Python looks at only when it starts: then it is started anew."""
TINY = ("--hidden", "4", "--embedding", "4", "--epochs", "1", "--batch-size", "16")


@dataclass(frozen=True)
class Surroundings:
    """What differs from an ordinary terminal: variables (None removes one), what the shell did, a folder."""

    variables: dict[str, str | None] = field(default_factory=dict)
    before: object = None
    folder: str | None = None

    @property
    def environment(self):
        variables = {**os.environ, **self.variables}
        return {name: value for name, value in variables.items() if value is not None}

    def run(self, arguments, **streams):
        if not streams and self.before is None and not AT_ITS_START & self.variables.keys():
            return forked.run(*arguments, environment=self.environment, folder=self.folder)
        return subprocess.run(
            [*PROGRAM, *map(str, arguments)],
            env=self.environment,
            preexec_fn=self.before,
            cwd=self.folder,
            timeout=250,
            check=False,
            **{"capture_output": True, "stdin": subprocess.DEVNULL, **streams},
        )


def close(*descriptors):
    """What `>&-` does."""
    return lambda: [os.close(descriptor) for descriptor in descriptors]


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def private():
    os.umask(0o077)


def closed_few_and_private():
    os.close(0)
    few_files()
    private()


def ignoring_broken_pipes():
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


ASCII = {
    "LANG": "C",
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONIOENCODING": "ascii",
}
ROWS = {
    "HOME unset": Surroundings({"HOME": None, "XDG_CONFIG_HOME": None}),
    "HOME unwritable": Surroundings({"HOME": "/proc/nobody", "XDG_CONFIG_HOME": None}),
    "LANG=C and ASCII stdout": Surroundings(ASCII),
    "Latin-1 stdout": Surroundings({"PYTHONIOENCODING": "latin-1"}),
    "TERM=dumb": Surroundings({"TERM": "dumb"}),
    "TERM unset": Surroundings({"TERM": None}),
    "NO_COLOR": Surroundings({"NO_COLOR": "1", "FORCE_COLOR": "1"}),
    "COLUMNS=0": Surroundings({"COLUMNS": "0", "LINES": "0"}),
    "COLUMNS=abc": Surroundings({"COLUMNS": "abc"}),
    "COLUMNS=1": Surroundings({"COLUMNS": "1"}),
    "another time zone": Surroundings({"TZ": "Pacific/Apia"}),
    "another hash seed": Surroundings({"PYTHONHASHSEED": "77"}),
    "umask 077": Surroundings(before=private),
    "ulimit -n 64": Surroundings(before=few_files),
    "read-only working folder": Surroundings(folder="/proc"),
    "stdin closed": Surroundings(before=close(0)),
    "SIGPIPE ignored": Surroundings(before=ignoring_broken_pipes),
    "no environment": Surroundings(dict.fromkeys(os.environ)),
}
ALL = Surroundings(
    {
        **ASCII,
        "HOME": None,
        "XDG_CONFIG_HOME": None,
        "TERM": "dumb",
        "COLUMNS": "0",
        "TZ": "Pacific/Apia",
        "PYTHONHASHSEED": "77",
    },
    before=closed_few_and_private,
    folder="/proc",
)


@pytest.fixture(scope="module")
def usual(reviews, tmp_path_factory):
    """A run made in ordinary surroundings."""
    folder = tmp_path_factory.mktemp("usual") / "run"
    done = Surroundings().run(["train", "gru", "--data", reviews, *TINY, "--out", folder])
    assert done.returncode == 0, done.stderr
    return folder


def check_same(folder, usual):
    for name in KEPT_FILES:
        assert (folder / name).read_bytes() == (usual / name).read_bytes(), name


@pytest.mark.parametrize("row", ROWS)
def test_a_printing_command_says_the_same(row, usual):
    done = ROWS[row].run(["runs", usual])
    assert (done.returncode, done.stderr) == (0, b"")
    result = done.stdout.decode("latin-1").replace("\n", " ")
    assert "done" in result
    assert "\x1b" not in result


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.torture
def test_training_ends_in_the_same_bytes(row, usual, reviews, tmp_path):
    done = ROWS[row].run(["train", "gru", "--data", reviews, *TINY, "--out", tmp_path / "run"])
    assert done.returncode == 0, done.stderr
    check_same(tmp_path / "run", usual)


def test_training_in_all_of_them_at_once_ends_in_the_same_bytes(usual, reviews, tmp_path):
    """Promises 17, 26: a locale, a time zone, a hash seed, a folder; no carriage return, no cursor code."""
    done = ALL.run(["train", "gru", "--data", reviews, *TINY, "--out", tmp_path / "run"])
    assert done.returncode == 0, done.stderr
    assert not {b"\r", b"\x1b"} & {bytes([byte]) for byte in done.stdout + done.stderr}
    assert done.stdout.isascii()
    check_same(tmp_path / "run", usual)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "run").iterdir()} == {0}, "as the umask says"


def test_training_goes_on_when_nobody_listens(usual, reviews, tmp_path):
    """Promise 16: stdout and stderr are closed, as by `>&- 2>&-`."""
    deaf = Surroundings(before=close(0, 1, 2))
    done = deaf.run(
        ["train", "gru", "--data", reviews, *TINY, "--out", tmp_path / "run"],
        capture_output=False,
        stdin=None,
    )
    assert done.returncode == 0
    check_same(tmp_path / "run", usual)


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("tasks",), ("tasks", "show", "sentiment"), ("compare", "--help")],
)
def test_a_reader_who_leaves_ends_a_printing_command_quietly(arguments):
    """Promise 16: `| head -0`, the strictest of heads."""
    read, write = os.pipe()
    os.close(read)
    done = Surroundings().run(arguments, capture_output=False, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("tasks",)])
def test_a_closed_stdout_is_no_fault_of_a_printing_command(arguments):
    done = Surroundings(before=close(1)).run(arguments, capture_output=False, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_that_is_full_is_a_fault_with_a_code(usual):
    """Not a broken pipe: what is printed is the result, and it was not written."""
    with Path("/dev/full").open("w") as full:
        done = Surroundings().run(["runs", usual], capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 6, done.stderr
    assert b"Traceback" not in done.stderr


def test_a_result_that_cannot_be_made_where_one_stands_is_refused_with_what_to_do(reviews):
    done = Surroundings(folder="/proc").run(["train", "gru", "--data", reviews, *TINY])
    assert done.returncode == 6, done.stderr
    assert b"Choose a folder that can be written" in done.stderr


@pytest.mark.parametrize("value", ["abc", "0", "-1", "1.5", ""])
def test_a_thread_count_that_libraries_die_of_is_refused(value):
    done = Surroundings({"OMP_NUM_THREADS": value}).run(["--version"])
    assert done.returncode == 2
    assert b"OMP_NUM_THREADS" in done.stderr
