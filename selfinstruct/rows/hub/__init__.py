"""A data set for the hub: how it came about, its card, its way there."""
