"""One file a file format, each read row by row and checked."""
