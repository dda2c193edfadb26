"""The loop: its loss, what happens after each step, where it stands, and what there is to say of it."""
