"""Stages that make another task out of one."""
