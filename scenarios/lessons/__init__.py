"""Lessons: an experiment played forward and backward by line, update and episode, and put into words."""
