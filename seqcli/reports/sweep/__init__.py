"""The parts of a sweep's sheet: its headings, its grid, its lines, its picture."""
