"""When the panes of a live screen are painted."""

import pytest

from tui.live.pacing import Turns


class Line:
    """A line that takes whatever is painted."""

    backlog = 0

    def __init__(self, pace=1.0):
        self.rate = pace

    def pace(self, now):
        return self.rate

    def may_paint(self, now, moving):
        return True

    def sent(self, count, moving):
        pass


@pytest.fixture
def turns():
    return Turns(Line())


def painted(turns):
    names = []
    turns.take(lambda name: names.append(name) or 1.0)
    return names


def test_what_moves_is_painted_at_once_and_of_what_is_read_the_part_that_has_waited_longest(turns):
    turns.changed(["world", "returns"])
    turns.changed(["messages"])
    assert painted(turns) == ["world", "returns"]
    assert painted(turns) == ["messages"]
    assert not turns.owes


def test_header_and_numbers_say_the_same_at_the_same_time(turns):
    turns.changed(["numbers"])
    turns.changed(["messages", "header"])
    assert painted(turns) == ["header", "numbers"]
    turns.changed(["numbers"], soon=True)
    assert painted(turns) == ["messages"]
    assert painted(turns) == ["numbers"]


def test_what_is_waited_for_is_painted_however_lately_it_was(turns):
    turns.changed(["diagnostics"])
    assert painted(turns) == ["diagnostics"]
    turns.changed(["diagnostics"])
    assert painted(turns) == []
    turns.changed(["diagnostics"], soon=True)
    assert painted(turns) == ["diagnostics"]
