"""Tabular models and the worlds built on them."""
