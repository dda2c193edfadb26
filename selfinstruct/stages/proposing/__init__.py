"""Stages that make new tasks out of tasks that are shown, or of nothing."""
