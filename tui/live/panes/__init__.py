"""The parts of the live screen, each a pure drawing."""
