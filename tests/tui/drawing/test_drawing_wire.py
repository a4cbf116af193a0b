"""What is sent: the terminal ends up as after a full repaint, for fewer bytes."""

import random

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from terminal_emulator import Terminal
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tui.drawing.canvas import to_strip
from tui.drawing.cells import Cells, changes
from tui.drawing.cells import Style as CellStyle
from tui.drawing.shown import remember_what_is_shown
from tui.drawing.wire import ScreenUpdate, SpansUpdate

BASE = Style(color="rgb(200,200,200)", bgcolor="rgb(18,18,18)")
CONSOLE = Console(color_system="truecolor")
COLOURS = [None, (255, 0, 0), (0, 120, 0), (1, 2, 3)]
OTHER_COLOURS = [(250, 0, 0), (0, 110, 0), (4, 2, 3)]  # a rich style remembers the first colour system it met


def random_cells(rng, width, height, like=None, colours=COLOURS):
    """A grid of random text and styles, in part like another."""
    cells = Cells(width, height)
    if like is not None:
        cells.blit(like, 0, 0)
    for _ in range(rng.randrange(12)):
        flags = [rng.random() < 0.3 for _ in range(4)]
        style = CellStyle(rng.choice(colours), rng.choice(colours), *flags)
        text = "".join(rng.choices("ab  漢.⣿", k=rng.randrange(1, 9)))
        cells.put(rng.randrange(height), rng.randrange(-2, width), text, style)
    return cells


def chops(cells, split, base=BASE):
    """The cells as the compositor holds them, as strips between the cuts of each line; and where these end."""
    pairs = [to_strip(cells, row, base).divide([split, cells.width]) for row in range(cells.height)]
    return [{0: left, split: right} for left, right in pairs], [[split, cells.width]] * cells.height


def full_update(kind, lines, width):
    return kind([line.values() for line in lines], Region(0, 0, width, len(lines)))


@pytest.mark.parametrize(("system", "colours"), [("truecolor", COLOURS), ("256", OTHER_COLOURS)])
def test_a_partial_update_equals_a_full_repaint(system, colours):
    rng = random.Random(11)
    console = Console(color_system=system)
    base = BASE if system == "truecolor" else Style(color="rgb(200,200,200)", bgcolor="rgb(30,18,18)")
    for _ in range(300):
        width, height = rng.randrange(4, 30), rng.randrange(1, 5)
        before = random_cells(rng, width, height, colours=colours)
        after = random_cells(rng, width, height, like=before, colours=colours)
        split = rng.randrange(1, width)
        lines, ends = chops(after, split, base)
        terminal, repainted = Terminal(width, height), Terminal(width, height)
        terminal.feed(full_update(LayoutUpdate, chops(before, split, base)[0], width).render_segments(console))
        repainted.feed(full_update(LayoutUpdate, lines, width).render_segments(console))
        spans = [(run.row, run.col, run.col + run.width) for run in changes(before, after)]
        if spans:
            terminal.feed(SpansUpdate(lines, spans, ends).render_segments(console))
        assert terminal.visible() == repainted.visible()
        assert (terminal.fg, terminal.bg, terminal.attributes) == ("", "", frozenset())


def test_a_full_update_equals_textuals_for_fewer_bytes():
    rng = random.Random(12)
    ours, theirs = 0, 0
    for _ in range(100):
        cells = random_cells(rng, 40, 6)
        terminals = Terminal(40, 6), Terminal(40, 6)
        for kind, terminal in zip((ScreenUpdate, LayoutUpdate), terminals, strict=True):
            data = full_update(kind, chops(cells, 20)[0], 40).render_segments(CONSOLE)
            terminal.feed(data)
            ours += len(data) if kind is ScreenUpdate else 0
            theirs += len(data) if kind is LayoutUpdate else 0
        assert terminals[0].visible() == terminals[1].visible()
    assert ours < theirs


def test_one_cell_at_the_end_of_a_row_costs_one_cell():
    cells = Cells(150, 1)
    for col in range(0, 150, 2):
        cells.put(0, col, "ab", CellStyle((col, 0, 0), (0, 0, col)))
    lines, ends = chops(cells, 100)
    arguments = lines, [(0, 148, 149)], ends
    sent = SpansUpdate(*arguments).render_segments(CONSOLE)
    assert sent == "\x1b[38;2;148;0;0;48;2;0;0;148m\x1b[1;149Ha\x1b[0m"
    assert len(ChopsUpdate(*arguments).render_segments(CONSOLE)) > 10 * len(sent)


def test_pieces_of_one_style_share_it_and_blanks_cost_no_foreground():
    red, blue = Style(color="rgb(255,0,0)", bgcolor="rgb(0,0,0)"), Style(color="rgb(0,0,255)", bgcolor="rgb(0,0,0)")
    strip = Strip([Segment("a", red), Segment(" ", blue), Segment("b", red), Segment("c", blue)])
    sent = SpansUpdate([{0: strip}], [(0, 0, 4)], [[4]]).render_segments(CONSOLE)
    assert sent == "\x1b[38;2;255;0;0;48;2;0;0;0m\x1b[1Ha b\x1b[38;2;0;0;255mc\x1b[0m"


def test_a_link_is_sent_whole():
    strip = Strip([Segment("here", Style(link="file:///x")), Segment("!", Style(bold=True))])
    sent = SpansUpdate([{0: strip}], [(0, 0, 5)], [[5]]).render_segments(CONSOLE)
    terminal = Terminal(5, 1)
    terminal.feed(sent)
    assert terminal.text() == ["here!"]
    assert "file:///x" in sent


@pytest.mark.parametrize("erases", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_shown_already_is_not_sent_and_the_terminal_is_the_same(seed, erases):
    """Updates of the whole screen and of parts, of screens that resemble each other."""
    rng = random.Random(seed)
    width, height, split = 24, 4, 11
    console, plain = Console(color_system="truecolor"), Console(color_system="truecolor")
    shown = remember_what_is_shown(console)
    shown.erases, shown.size = erases, (width, height)
    terminal, sent, unremembered = Terminal(width, height), 0, 0
    cells = random_cells(rng, width, height)
    for _ in range(150):
        before, cells = cells, random_cells(rng, width, height, like=cells)
        lines, ends = chops(cells, split)
        if rng.random() < 0.1:
            shown.forget()
            terminal = Terminal(width, height)
        spans = [(run.row, run.col, run.col + run.width) for run in changes(before, cells)]
        if rng.random() < 0.5 or not shown._rows:
            update = full_update(ScreenUpdate, lines, width)
        elif spans:
            update = SpansUpdate(lines, spans, ends)
        else:
            continue
        data = update.render_segments(console)
        sent, unremembered = sent + len(data), unremembered + len(update.render_segments(plain))
        terminal.feed(data)
        assert update.render_segments(console) == ""
        repainted = Terminal(width, height)
        repainted.feed(full_update(LayoutUpdate, lines, width).render_segments(plain))
        assert terminal.visible() == repainted.visible()
    assert sent < 0.8 * unremembered


def test_the_same_screen_twice_is_sent_once_and_again_when_forgotten():
    console = Console(color_system="truecolor")
    shown = remember_what_is_shown(console)
    assert remember_what_is_shown(console) is shown
    strip = Strip([Segment("ab漢c", BASE), Segment("  ", BASE)])
    update = full_update(ScreenUpdate, [{0: strip}], 7)
    first = update.render_segments(console)
    assert "ab漢c" in first
    assert update.render_segments(console) == ""
    changed = full_update(ScreenUpdate, [{0: Strip([Segment("ab漢d", BASE), Segment("  ", BASE)])}], 7)
    assert "漢" not in changed.render_segments(console)
    shown.forget()
    assert update.render_segments(console) == first


def test_long_blanks_are_erased_and_short_steps_written_again():
    console = Console(color_system="truecolor")
    shown = remember_what_is_shown(console)
    shown.erases = True
    full_update(ScreenUpdate, [{0: Strip([Segment("ab cd" + "x" * 20, BASE)])}], 25).render_segments(console)
    after = full_update(ScreenUpdate, [{0: Strip([Segment("ef cd" + "-" + " " * 19, BASE)])}], 25)
    sent = after.render_segments(console)
    assert sent == "\x1b[38;2;200;200;200;48;2;18;18;18m\x1b[1Hef cd-\x1b[19X\x1b[0m"


def pages(console, width, screens):
    """The bytes of one full screen after the other."""
    for cells in screens:
        yield full_update(ScreenUpdate, chops(cells, 11)[0], width).render_segments(console)


@pytest.mark.parametrize("seed", range(8))
def test_a_screen_in_the_place_of_another_is_wiped_where_that_is_shorter_and_looks_the_same(seed):
    rng = random.Random(seed)
    width, height = 60, 12
    wiping, stepwise = Console(color_system="truecolor"), Console(color_system="truecolor")
    for console in (wiping, stepwise):
        remember_what_is_shown(console).erases = True
    remember_what_is_shown(wiping).size = width, height
    screens = [random_cells(rng, width, height) for _ in range(2)]
    for row in range(height):
        screens[0].put(row, 2, "some more words in every row", CellStyle((255, 0, 0)))
        screens[1].put(row, 32, "others in another place", CellStyle((0, 120, 0), underline=row == 4))
    terminal, repainted = Terminal(width, height), Terminal(width, height)
    both = (pages(console, width, screens * 2) for console in (wiping, stepwise))
    for shorter, longer in zip(*both, strict=True):
        terminal.feed(shorter)
        repainted.feed(longer)
        assert terminal.visible() == repainted.visible()
        assert len(shorter.encode()) < len(longer.encode())


def test_nothing_is_wiped_while_a_part_of_the_screen_is_unknown():
    console = Console(color_system="truecolor")
    shown = remember_what_is_shown(console)
    shown.erases, shown.size = True, (30, 2)
    full, empty = ([Strip([Segment(text * 30, BASE)]) for _ in range(2)] for text in ("x", " "))
    for row in range(2):
        shown.forget()
        full_update(ScreenUpdate, [{0: strip} for strip in full[row:]], 30).render_segments(console)
        sent = full_update(ScreenUpdate, [{0: strip} for strip in empty[row:]], 30).render_segments(console)
        assert ("\x1b[J" in sent) == (row == 0)


def test_a_link_is_sent_again_every_time():
    console = Console(color_system="truecolor")
    remember_what_is_shown(console)
    update = SpansUpdate([{0: Strip([Segment("here", Style(link="file:///x"))])}], [(0, 0, 4)], [[4]])
    assert update.render_segments(console) == update.render_segments(console) != ""
