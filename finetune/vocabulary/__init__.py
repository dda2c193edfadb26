"""Tokenizers: learned from any text, and grown by another one's pieces, the numbers of the old ones unchanged."""
