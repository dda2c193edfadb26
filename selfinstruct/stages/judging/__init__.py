"""Stages that say something about a task: its kind, its worth, whether its answer is right."""
