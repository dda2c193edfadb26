"""What a model can do: suites, marks and their intervals, answers against answers."""
