"""Requests in batches, at half the price: gathered, submitted once, waited for, and found again after a kill."""
