"""The screen of the lesson of the engine: an expression as a graph, with values and gradients."""
