"""How fast a teacher is asked: its limits, stated and learned, patience with its faults, and rows that it refuses."""
