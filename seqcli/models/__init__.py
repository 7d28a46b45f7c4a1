"""Recurrent models: cells, layers, heads, baselines."""
