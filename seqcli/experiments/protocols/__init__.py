"""The protocols: quantities held equal between models, one file each."""
