"""Rows into files of every kind, in constant memory."""
