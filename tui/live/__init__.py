"""The live screen of one run: what it does now, how it got there, and what it can be asked for."""
