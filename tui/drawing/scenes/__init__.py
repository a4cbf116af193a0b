"""Scenes: environments drawn from what is observed, and what the network thinks of it."""
