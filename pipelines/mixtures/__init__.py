"""The mixtures, one YAML file for each dataset of the family that was put together of others; samples/ is our own text."""
