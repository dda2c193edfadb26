"""What a model can do: suites, marks and their intervals, answers against answers, and the page of all of it."""
