"""The one exception that building a world raises."""


class WorldError(ValueError):
    """A world that cannot be built; the message is one sentence saying what was given and what is allowed."""
