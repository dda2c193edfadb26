"""Teachers: those that answer (http, local, scripted) and those that wrap another (journal, pacing, budget)."""
