"""Tools that a model may call: what they are, how models write calls, and whether a call is right."""
