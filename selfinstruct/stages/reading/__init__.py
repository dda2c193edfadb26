"""How teachers write, and how it is read: lists, labelled fields, JSON, grades, whatever stands around them."""
