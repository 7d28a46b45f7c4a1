"""An image in, a sentence out: a small convolution before the decoder that translations have too."""
