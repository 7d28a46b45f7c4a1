import os

from seqcli.results.events import Note


def job(arguments, should_stop):
    yield Note(text="hello")
    print("a library's stray print")  # noqa: T201
    return {**arguments, "pid": os.getpid(), "threads": os.environ["OMP_NUM_THREADS"]}


JOB = job
