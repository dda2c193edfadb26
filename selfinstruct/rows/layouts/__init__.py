"""The task that a row of anybody's means: its columns, its turns, its tools."""
