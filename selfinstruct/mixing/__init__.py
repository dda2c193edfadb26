"""Mixtures: many sources become one dataset, each cleaned, capped and weighted; a table says what came from where."""
