"""The parts of a comparison's sheet: its headings, its rows, and what follows from them."""
