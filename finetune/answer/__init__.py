"""Answers of a model: by which rules they are drawn, how they are written together, and how one talks to it."""
