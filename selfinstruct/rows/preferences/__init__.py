"""Rows with judged answers: which is the better one, and by how much."""
