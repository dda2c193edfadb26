"""The journal: every answer that was paid for, the SQLite file that holds them, and how a damaged one is mended."""
