"""Text to learn from its first token to its last: documents, their tokens on the disk, and sequences cut from those."""
