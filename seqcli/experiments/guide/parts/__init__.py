"""The parts of the guide's test, one file each; a file's number is its place."""
