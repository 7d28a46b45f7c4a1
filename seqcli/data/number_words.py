"""Numbers from 0 to 9,999 in words, by the language that they are spelt in."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_KOREAN = "영일이삼사오육칠팔구"
_KOREAN_UNITS = ("", "십", "백", "천")


def english(number: int) -> str:
    """A number from 0 to 9,999 in words: 'three thousand three hundred and fifty four'."""
    thousands, hundreds, rest = number // 1000, number // 100 % 10, number % 100
    words = [_ONES[thousands], "thousand"] if thousands else []
    words += [_ONES[hundreds], "hundred"] if hundreds else []
    if rest and words:
        words.append("and")
    if rest >= 20:
        words += [_TENS[rest // 10 - 2], *([_ONES[rest % 10]] if rest % 10 else [])]
    elif rest or not words:
        words.append(_ONES[rest])
    return " ".join(words)


def korean(number: int) -> str:
    """A number from 0 to 9,999 in Sino-Korean words: '삼천삼백오십사'."""
    if not number:
        return _KOREAN[0]
    digits = [int(digit) for digit in reversed(str(number))]
    parts = [
        ("" if digit == 1 and place else _KOREAN[digit]) + _KOREAN_UNITS[place]
        for place, digit in enumerate(digits)
        if digit
    ]
    return "".join(reversed(parts))


NUMBER_WORDS: Mapping[str, Callable[[int], str]] = MappingProxyType({"English": english, "Korean": korean})
"""The spelling of a number in each language."""
