"""Models: from a name to a folder, from a folder to a model, what a method adds to it, and what is known about it."""
