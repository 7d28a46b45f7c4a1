"""Encoder, attention, decoder, and the search for the likeliest output."""
