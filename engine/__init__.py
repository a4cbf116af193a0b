"""Tape-based automatic differentiation on numpy; knows no reinforcement learning, no file, no screen."""
