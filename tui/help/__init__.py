"""Explaining: the help screen, the glossary, pages of text, and the keys as the user has set them."""
