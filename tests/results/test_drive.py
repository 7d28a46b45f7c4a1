"""Work that tells events as it goes and returns a result in the end."""

import pytest

from seqcli.results.events import drive, relay


def work(count=3):
    yield from range(count)
    return "the result"


def test_work_is_run_to_its_end_and_each_event_is_handed_on_in_order():
    values = []
    assert drive(work(), values.append) == "the result"
    assert values == [0, 1, 2]


def test_events_may_be_dropped_and_work_may_tell_none():
    assert drive(work()) == drive(work(0)) == "the result"


def test_relayed_events_are_changed_or_dropped_and_the_result_comes_through():
    def outer():
        result = yield from relay(work(), lambda number: None if number == 1 else number * 10)
        return f"{result}, relayed"

    values = []
    assert drive(outer(), values.append) == "the result, relayed"
    assert values == [0, 20]


def test_what_work_or_the_receiver_raises_is_raised():
    def failing():
        yield 1
        raise ValueError("within")

    def refuse(event):
        raise KeyError(event)

    with pytest.raises(ValueError, match="within"):
        drive(failing())
    with pytest.raises(KeyError):
        drive(work(), refuse)
