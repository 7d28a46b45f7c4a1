"""The prose that results are told in: facts come from records below, words are made here."""
