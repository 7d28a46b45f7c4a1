"""One file a kind of result: how its record becomes a sheet; the file is named as its schema is."""
