"""One file a kind of result: its pictures, kept under the name PANELS."""
