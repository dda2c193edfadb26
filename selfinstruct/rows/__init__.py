"""Anybody's rows, in files and as tasks."""
