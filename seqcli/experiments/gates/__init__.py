"""Gates for CI (`--expect`)."""
