"""The recipes, one YAML file for each published method; found by path, see recipe.shipped."""
