"""The mixtures, one YAML file for each dataset of the family that was made out of others; samples/ is our own text."""
