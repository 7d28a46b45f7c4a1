"""A stream that says it is a terminal, of no known size."""

import io


class TextTerminal(io.StringIO):
    """Text that a terminal would show."""

    def isatty(self) -> bool:
        """Return True."""
        return True
