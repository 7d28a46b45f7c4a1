"""One file a tokenizer."""
