"""The report as a page: what is drawn, in which words, and how it becomes one file."""
