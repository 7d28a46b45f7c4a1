"""Characters: each Unicode code point after NFC is a token, blanks included."""

from seqcli.data.plain_pieces import CHARACTERS
from seqcli.data.tokenizer import WholePieces


class Char(WholePieces):
    """The most frequent characters of the training texts after NFC."""

    unit = "characters"
    pattern = CHARACTERS


TOKENIZER = Char()
