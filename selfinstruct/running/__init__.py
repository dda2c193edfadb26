"""A run: the recipe, the schedule, the folder."""
