"""Verdicts (written by another helper; here only the name that the watch needs)."""

UNREADABLE = "no verdict in the answer"
