"""Passages out of documents: texts, Markdown, pages, PDF, Word and books, cleaned and cut where a reader would pause."""
