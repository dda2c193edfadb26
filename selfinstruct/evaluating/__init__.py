"""What a model can do: suites of questions, marks of its answers, figures with intervals, and the page of them."""
