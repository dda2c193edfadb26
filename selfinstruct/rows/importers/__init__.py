"""Layouts that are read by name, because their rows do not show what they are."""
