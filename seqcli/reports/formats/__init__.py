"""One file a way to write a result down; each keeps its `Report` under the name REPORT."""
