"""One file a kind of result: its page, kept under the name DOCUMENT."""
