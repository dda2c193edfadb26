"""What the report counts: from tasks to figures, without a word on how they are drawn."""
