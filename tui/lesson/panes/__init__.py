"""The panes of a lesson: pure functions of (lesson, width, height, theme) that return cells."""
