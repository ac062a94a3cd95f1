"""Stand-ins that behave: scripted, deterministic, without sleeping."""
