"""Rows: what is said in the data, how it becomes text and tokens, what is wrong with it, and which step sees what."""
