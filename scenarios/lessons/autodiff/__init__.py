"""The lesson of the engine: an expression recorded on the real tape, forward and back, node by node."""
