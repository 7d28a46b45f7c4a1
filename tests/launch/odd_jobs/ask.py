"""Tells one thing, then says nothing for some seconds: it asks whether to stop all the time, or hangs."""

import time

from seqcli.results.events import Note


def job(arguments, should_stop):
    yield Note(text="from here on in silence")
    ends = time.monotonic() + arguments["seconds"]
    while time.monotonic() < ends:
        if arguments["asks"]:
            should_stop()
        time.sleep(0.02)
    return {"ended": True}


JOB = job
