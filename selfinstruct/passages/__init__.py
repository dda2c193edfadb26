"""Passages out of documents: texts, Markdown, pages, PDF, Word and books, cut where a reader would pause."""
