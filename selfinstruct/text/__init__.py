"""What is known about text: languages, words, refusals, keywords."""
