"""The panes of a lesson with a network: its world and thoughts, its curves, and the network itself."""
