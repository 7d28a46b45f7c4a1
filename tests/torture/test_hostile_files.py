"""Files made by an enemy run nothing (promises 20 to 23): an audit hook watches the program open them."""

import gzip
import json
import os
import pickle
import shutil
import sys
from pathlib import Path

import pytest

from seqcli.reports.draw.printable import printable

WATCHED = frozenset(
    {
        *(
            "pickle.find_class",
            "os.system",
            "os.exec",
            "os.posix_spawn",
            "os.spawn",
            "os.fork",
        ),
        *("subprocess.Popen", "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"),
        *("ctypes.dlopen", "webbrowser.open", "urllib.Request", "code.__new__", "builtins.input"),
    }
)
"""What no file may cause; `exec` is watched too, but for libraries that are imported late."""
EVIL = "\x1b]0;owned\x07\x1b[31m\u202e[bold]\x9b2J"


class Payload:
    """Unpickled, it leaves a file behind."""

    def __init__(self, marker):
        self.marker = str(marker)

    def __reduce__(self):
        return (os.system, (f"touch {self.marker}",))


def yaml_of(marker):
    return f"!!python/object/apply:os.system ['touch {marker}']\n"


def watch(found):
    """From now on every watched event of this process is written to a file; nothing can take a hook away."""
    own = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]), "<")

    def hook(event, arguments):
        if event in WATCHED:
            found.write(f"{event} {arguments!r}\n")
        elif event == "exec":
            name = getattr(arguments[0], "co_filename", "")
            if not name.startswith(own):
                found.write(f"exec of {name}\n")
        elif event == "open" and isinstance(arguments[0], str) and arguments[0].endswith((".pt", ".pkl")):
            found.write(f"open {arguments[0]}\n")

    sys.addaudithook(hook)


@pytest.fixture(scope="module")
def good(reviews, tmp_path_factory):
    """A finished run, to be spoilt in copies."""
    from seqcli.cli.main import execute

    folder = tmp_path_factory.mktemp("good") / "run"
    tiny = ("--hidden", "4", "--embedding", "4", "--epochs", "1", "-q")
    assert execute(["train", "gru", "--data", str(reviews), *tiny, "--out", str(folder)]) == 0
    return folder


def spoil(run, name, content):
    """One of the run's files replaced, with a manifest that says that this is right."""
    from seqcli.runs.manifest import FileRecord, Manifest, decode
    from seqcli.runs.result import fence_of
    from seqcli.runs.run_layout import DONE_FILE

    (run / name).write_bytes(content)
    path = run / "manifest.json"
    manifest = decode(path.read_bytes(), path)
    spelt = Manifest(
        manifest.schema, {**manifest.files, name: FileRecord.of(content)}, manifest.facts
    ).encode()
    path.write_bytes(spelt)
    (run / DONE_FILE).write_bytes(fence_of(spelt))


def hostile_runs(good, folder, marker):
    """Runs that another person sends: everything in them is theirs, the hashes too."""
    pickled = pickle.dumps(Payload(marker))
    contents = {
        "model.safetensors": [
            pickled,
            b"\xff" * 100,
            b"",
            b"\x08\0\0\0\0\0\0\0{}      ",
            b"PK\3\4" + pickled,
        ],
        "config.yaml": [yaml_of(marker).encode(), b"a: &a [*a]\n", f"model: '{marker}'\n".encode(), b"\x80"],
        "tokenizer.json": [pickled, b"[]", b'{"tokens": 1e999}', json.dumps({"name": EVIL}).encode()],
        "task.json": [pickled, b"{}", json.dumps({"name": EVIL, "labels": [EVIL]}).encode()],
        "summary.json": [pickled, b"{}", b"[" * 100_000, json.dumps({"model": EVIL}).encode()],
        "metrics.jsonl": [pickled, b"{}\n" * 3, b'{"step": 1, "epoch": NaN}\n'],
    }
    for name, spoilt in contents.items():
        for number, content in enumerate(spoilt):
            run = folder / f"{name}-{number}"
            shutil.copytree(good, run)
            spoil(run, name, content)
            for planted in ("model.pt", "model.pkl", "optimizer.pt"):
                (run / planted).write_bytes(pickled)
            yield run


def hostile_data(folder, marker):
    """Data files that another person sends, each with the option that names it."""
    pickled = pickle.dumps(Payload(marker))
    contents = {
        "pickle.csv": pickled,
        "formula.csv": b"text,label\n" + f'"=cmd|/c touch {marker}",yes\n'.encode() * 5,
        "script.csv": b"text,label\n" + f'"$(touch {marker})","`touch {marker}`"\n"x","y"\n'.encode() * 20,
        "gzip.csv": gzip.compress(pickled),
        "evil.tsv": f"text\tlabel\n{EVIL}\t{EVIL}\n".encode() * 5,
        "lines.jsonl": json.dumps({"text": EVIL, "label": EVIL}).encode() + b"\n" + b'{"__class__": "os"}\n',
        "deep.jsonl": b"[" * 100_000,
        "pickle.parquet": pickled,
        "magic.parquet": b"PAR1" + pickled + b"\xff\xff\xff\x7fPAR1",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        yield ("train", "gru", "--data", folder / name, "--epochs", 1, "--hidden", 2, "--embedding", 2)
    for name, content in (("tags.yaml", yaml_of(marker)), ("bomb.yaml", "a: &a [*a, *a]\n")):
        (folder / name).write_text(content)
        yield ("train", "gru", "--task", "spam", "-c", folder / name)


def commands_of(run):
    yield ("runs", run)
    yield ("runs", "show", run)
    yield ("runs", "verify", run)
    yield ("runs", "prune", run)
    yield ("predict", run, "a good film")


def test_no_file_of_an_enemy_runs_anything_and_each_ends_with_a_code(good, start, tmp_path):
    """One process opens them all, so that what a library imports late has been imported by then."""
    marker, value = tmp_path / "it-ran", tmp_path / "events"
    runs = list(hostile_runs(good, tmp_path, marker))
    lines = [line for run in runs for line in commands_of(run)]
    lines += [
        (*line, "--out", tmp_path / f"out-{n}") for n, line in enumerate(hostile_data(tmp_path, marker))
    ]
    lines += [("runs", "diff", runs[0], runs[-1]), ("predict", tmp_path, "x"), ("runs", tmp_path)]
    codes = tmp_path / "codes"

    def open_all():
        from seqcli.cli.main import execute

        for line in commands_of(good):
            assert execute([str(word) for word in line]) == 0
        with value.open("w", buffering=1) as events, codes.open("w") as result:
            watch(events)
            for line in lines:
                words = [str(word) for word in line]
                result.write(f"{execute(words)} {' '.join(words)}\n")
                result.flush()

    victim = start("--version", before=open_all)
    assert victim.end() == 0, victim.told
    assert value.read_text() == ""
    assert not marker.exists()
    assert "Traceback" not in victim.told
    odd = [line for line in victim.told.splitlines() if line != printable(line, keep="\t")]
    assert odd == [], "nothing of it reaches a terminal"
    ended = [line.split(" ", 1) for line in codes.read_text().splitlines()]
    assert len(ended) == len(lines)
    odd = [f"{code} {line}" for code, line in ended if code not in {"0", "2", "3", "4"}]
    assert odd == [], "\n".join([*odd, *(item for item in victim.told.splitlines() if "defect" in item)])


def test_the_watch_sees_what_it_is_there_to_see(start, tmp_path):
    """A payload that does run is told: without this the test above would prove nothing."""
    value = tmp_path / "events"

    def run_it():
        with value.open("w", buffering=1) as events:
            watch(events)
            pickle.loads(pickle.dumps(Payload(tmp_path / "ran")))  # noqa: S301 - our own
            exec(compile("1", "enemy.py", "exec"))  # noqa: S102

    assert start("--version", before=run_it).end() == 0
    text = value.read_text()
    assert (tmp_path / "ran").exists()
    assert "pickle.find_class" in text
    assert "os.system" in text
    assert "exec of enemy.py" in text
