"""What a JSON value holds, wherever in it."""


def walk(value):
    """All numbers and all texts of a JSON value."""
    if isinstance(value, str):
        return set(), {value}
    if isinstance(value, bool) or value is None:
        return set(), set()
    if isinstance(value, int | float):
        return {value}, set()
    parts = [walk(part) for part in (value.values() if isinstance(value, dict) else value)]
    return set().union(*(numbers for numbers, _ in parts)), set().union(*(texts for _, texts in parts))
