"""The picker: choose a scenario, its algorithms and settings, and read what they teach."""
