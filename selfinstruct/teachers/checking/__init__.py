"""The checker: a teacher that answers requests of `check` steps, by running code, comparing maths or a JSON schema."""
