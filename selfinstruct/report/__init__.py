"""What a run looks like: figures and family trees for the terminal."""
