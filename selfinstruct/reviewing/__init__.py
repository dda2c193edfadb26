"""People judge rows on a page of their own machine: what is shown, what is kept of it, and what it comes to."""
