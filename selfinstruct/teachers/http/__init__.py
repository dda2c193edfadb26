"""A teacher behind HTTP: the endpoint, the wire under it, and what servers' headers and refusals mean."""
