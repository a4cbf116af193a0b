"""What is run: worlds, the catalogue of scenarios, lessons and runs; works without a screen."""
