"""Choosing some tasks of many: by a score of each, or so that they differ; and what a score really measures."""
