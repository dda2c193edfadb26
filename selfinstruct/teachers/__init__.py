"""Teachers: those that answer (endpoint, builtin, scripted) and those that wrap another (journal, budget, throttle)."""
