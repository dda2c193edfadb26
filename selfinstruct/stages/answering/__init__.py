"""Stages that answer a task: its instances, its answer, a conversation about it."""
