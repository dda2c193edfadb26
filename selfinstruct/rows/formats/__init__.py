"""The rows of tasks that trainers want."""
