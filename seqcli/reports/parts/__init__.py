"""The tables and pictures that results are composed of."""
