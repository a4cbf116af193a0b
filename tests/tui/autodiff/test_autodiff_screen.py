"""The screen of the lesson of the engine, by its keys and the mouse, at three sizes."""

import random

import pytest
from textual import events
from textual.widgets import Input, Static

from scenarios.lessons.autodiff.examples import EXAMPLES
from tests.tui.driving import SIZES, send_key, settle_in_place
from tui.app import RltopApp
from tui.autodiff.editing import ExpressionScreen, mistake_in
from tui.autodiff.keys import FOOTER, KEYS, bindings
from tui.autodiff.layout import LOWER
from tui.autodiff.screen import AutodiffScreen
from tui.autodiff.session import SPEEDS, Session
from tui.drawing.canvas import Canvas

pytestmark = pytest.mark.usefixtures("home")

CHAIN = EXAMPLES[0].text


class Driver:
    """Presses keys and looks."""

    def __init__(self, text=None, **options):
        self.session = Session(text)
        self.screen = AutodiffScreen(self.session)
        self.app = RltopApp(begin=lambda app: app.push_screen(self.screen), **options)

    async def press(self, *keys):
        for key in keys:
            send_key(self.app, key)
            await self.settle()

    async def settle(self):
        await settle_in_place(self.pilot, self.screen)

    @property
    def lesson(self):
        return self.session.lesson

    def text(self, name):
        return str(self.screen.query_one(f"#{name}").cells)


def drive(size=(120, 40), text=None, **options):
    """Runs a test of a driver in an app of a size."""
    driver = Driver(text, **options)

    class Opened:
        async def __aenter__(self):
            self.running = driver.app.run_test(size=size)
            driver.pilot = await self.running.__aenter__()
            await driver.settle()
            return driver

        async def __aexit__(self, *error):
            await self.running.__aexit__(*error)

    return Opened()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
async def test_snapshots(check_snapshot, size):
    name = "{}x{}".format(*size)
    async with drive(size) as d:
        check_snapshot(d.app, f"autodiff-start-{name}")
        await d.press("e", ".", ".", ".")
        check_snapshot(d.app, f"autodiff-chain-{name}")
        await d.press("X", "X", "e", *"...", "up", "c")
        check_snapshot(d.app, f"autodiff-network-{name}")


async def test_forward_and_back():
    async with drive() as d:
        assert "Each operation knows the derivative" in d.text("step")
        await d.press(".")
        assert (d.lesson.position, d.lesson.phase) == (1, "forward")
        assert "v1 = a·b" in d.text("step")
        assert "forward 1 of 3" in d.text("header")
        await d.press("e")
        assert d.lesson.position == 3
        await d.press("e")
        assert d.lesson.position == 6
        assert "∂ −24" in d.text("graph")
        assert "= 8·(−3)  =  −24" in d.text("step")
        await d.press("e")
        assert "every gradient is complete" in d.text("header")
        await d.press(",")
        assert d.lesson.position == 5
        await d.press("E")
        assert d.lesson.position == 3
        await d.press("E", "E")
        assert d.lesson.position == 0
        assert "this is the start" in d.text("header")


async def test_playing_to_the_end():
    async with drive() as d:
        await d.press(*"]]]]")
        assert SPEEDS[d.session.speed] == 10
        await d.press("space")
        while d.session.playing:
            await d.pilot.pause(0.05)
        assert d.lesson.position == d.lesson.length
        assert "every gradient is complete" in d.text("header")
        await d.press("[", "space", ",")
        assert not d.session.playing


def test_playing_is_paced_by_its_speed():
    session = Session()
    session.play()
    assert session.frame(0.0)  # the first step is due at once
    assert not session.frame(0.4)
    assert session.frame(0.2)
    assert session.lesson.position == 2
    session.frame(100.0)  # what a slow machine lags behind is let go
    assert session.lesson.position == 4
    session.halt()
    assert not session.frame(1.0)


async def test_nodes_are_chosen_by_arrows_and_mouse():
    async with drive() as d:
        await d.press("e", "left")
        assert d.session.looked_at.name == "v3"
        assert d.session.view.selected is not None
        await d.press("left")
        assert d.session.looked_at.name == "v2"
        assert "v2 = v1 + c" in d.text("node")
        assert "engine/operations/binary.py" in d.text("source")
        graph, row, col = d.screen.drawings.graph._seen
        box = graph.boxes[0]
        await d.pilot.click("#graph", offset=(box.col - col + 2, box.row - row + 2))
        await d.settle()
        assert d.session.looked_at.name == "a"
        assert "a, variable" in d.text("node")
        await d.press("escape")
        assert d.session.view.selected is None


async def test_the_source_is_lit_where_it_is_used():
    async with drive() as d:
        await d.press("e")
        assert "POWER = Unary(" in d.text("source")
        await d.press(*"...")
        assert "MUL = Binary(" in d.text("source")


async def test_an_expression_is_typed_and_its_mistakes_are_told_at_once():
    async with drive() as d:
        await d.press("n")
        window = d.app.screen
        assert isinstance(window, ExpressionScreen)
        line, found = window.query_one(Input), window.query_one("#found", Static)
        assert line.value == CHAIN
        line.value = "x*z with x=3"
        await d.settle()
        assert str(found.content) == "x*z with x=3\n  ^\nz has no value: add z=1, say, at the end"
        await d.press("enter")
        assert d.app.screen is window
        line.value = "x*z with x=3, z=4"
        await d.settle()
        assert str(found.content).startswith("= 12\n")
        await d.press("enter")
        assert d.app.screen is d.screen
        assert d.lesson.recording.loss == 12
        assert "an expression of yours" in d.text("step")
        await d.press("/", "escape")
        assert d.lesson.recording.loss == 12


async def test_every_example_and_back_to_the_first():
    async with drive() as d:
        for place in (*range(1, len(EXAMPLES)), 0):
            await d.press("x")
            assert d.session.example is EXAMPLES[place]
            assert EXAMPLES[place].title in d.text("step")
        await d.press("X")
        assert d.session.example is EXAMPLES[-1]


async def test_steps_down_the_gradient():
    async with drive(text=EXAMPLES[4].text) as d:
        await d.press("a")
        d.app.screen.query_one(Input).value = "0"
        await d.press("enter")
        assert "η must be in" in str(d.app.screen.query_one("#complaint", Static).content)
        d.app.screen.query_one(Input).value = "0.05"
        await d.press("enter", "g", "g")
        losses = [epoch.recording.loss for epoch in d.lesson.epochs]
        assert len(losses) == 3
        assert losses[2] < losses[1] < losses[0]
        assert "G takes it back" in d.text("header")
        assert "result 21 …" in d.text("inputs")
        await d.press("G")
        assert d.lesson.recording.loss == losses[1]
        await d.press("r")
        assert (d.lesson.epoch, d.lesson.position, d.lesson.recording.loss) == (0, 0, 21)
        await d.press("G")
        assert "these are the values that were typed" in d.text("header")


async def test_what_cannot_be_followed_is_said():
    async with drive(text="sqrt(x), x=0") as d:
        await d.press("g")
        assert "∂/∂x is not finite" in d.text("header")
        assert d.session.mistake
    async with drive(size=(80, 24), text="log(x), x=-1") as d:
        await d.press("g")
        assert "the result is nan, not finite: change the values first" in d.text("header")
        await d.press("c")
        assert "not finite here: there is nothing to compare" in d.text("header")


async def test_a_value_is_changed():
    async with drive() as d:
        await d.press("enter")
        assert "choose an input" in d.text("header")
        await d.press("e", "left", "left", "left", "left", "up", "enter")
        assert d.session.looked_at.name == "a"
        d.app.screen.query_one(Input).value = "[1, 2]"
        await d.press("enter")
        assert "a must stay a number" in str(d.app.screen.query_one("#complaint", Static).content)
        d.app.screen.query_one(Input).value = "y, y=1"
        await d.press("enter")
        complaint = str(d.app.screen.query_one("#complaint", Static).content)
        assert complaint.startswith("a number or an array is wanted here")
        assert complaint.endswith("at character 1")
        d.app.screen.query_one(Input).value = "4"
        await d.press("enter")
        assert d.lesson.recording.loss == 4
        assert "change 1: a was changed" in d.text("step")
        assert "4" in d.text("inputs")


async def test_the_check():
    async with drive(size=(80, 24)) as d:
        await d.press("c")
        assert "central difference agree" in d.text("header")
        assert "by difference" in d.text("inputs")
        assert all(check.agrees for check in d.session.checks)
        await d.press("c")
        assert not d.session.checks
    async with drive(text="relu(x)*2, x=0") as d:
        await d.press("c")
        assert "at a kink the slope is another on each side" in d.text("inputs")
        assert "1e+00 kink" in d.text("inputs")
    async with drive(text="(a-b)**2 + abs(c) with a=1e6, b=1e6, c=0") as d:
        await d.press("c")
        assert "c: both agree on the middle of two slopes" in d.text("header")
        assert "kink" not in d.text("inputs") + d.text("header")
    async with drive(text="x + 1e10 with x=1") as d:
        await d.press("c")
        assert "x: rounding leaves too few digits to compare" in d.text("inputs")


async def test_what_a_loss_aims_at_is_among_the_inputs():
    async with drive(text="mse(w*x, y) with w=0 given x=2, y=6") as d:
        rows = [line.split() for line in d.text("inputs").splitlines()]
        assert ["x", "2", "data"] in [row[1:4] for row in rows]
        assert ["y", "6", "data"] in [row[1:4] for row in rows]
        await d.press("c")
        assert ["y", "data"] in [line.split()[1:3] for line in d.text("inputs").splitlines()]


async def test_panes_take_turns_where_there_is_little_room():
    async with drive(size=(80, 24)) as d:
        seen = []
        for _ in LOWER:
            await d.press("tab")
            seen.append(d.session.view.lower)
            assert d.screen.query_one(f"#{seen[-1]}").display
        assert sorted(seen) == sorted(LOWER)
        await d.press("shift+tab")
        assert d.session.view.lower == seen[-2]
    async with drive() as d:
        await d.press("tab")
        assert d.screen.focused.id == "graph"


async def test_the_graph_is_moved():
    async with drive(size=(80, 24), text=EXAMPLES[6].text) as d:
        before = d.text("graph")
        await d.press("shift+right")
        assert d.text("graph") != before
        await d.press("shift+left")
        assert d.text("graph") == before
        d.app._driver.send_message(events.MouseScrollDown(None, 5, 5, 0, 1, 0, False, False, False, 5, 5))
        await d.settle()
        assert d.text("graph") != before


async def test_the_footer_is_clicked_and_the_help_explains():
    async with drive() as d:
        footer = d.screen.query_one("#footer").cells.line(0)
        await d.pilot.click("#footer", offset=(footer.index("step"), 0))
        await d.settle()
        assert d.lesson.position == 1
        await d.press("?")
        assert {line.id for line in d.app.screen.lines} >= {f"autodiff.{key.id}" for key in KEYS}
        words = [paragraph.text for paragraph in d.app.screen.words]
        assert any("leaky_relu(x, slope)" in text for text in words)
        await d.press("escape", "q")
        assert d.app.code == 0


async def test_escape_leaves():
    async with drive() as d:
        await d.press("escape")
        assert d.app.code == 0


def test_the_footer_names_what_is_bound():
    ids = [binding.id for binding in bindings()]
    assert len(set(ids)) == len(ids)
    assert {id for entry, _ in FOOTER for id in entry} <= set(ids)


def test_a_mistake_in_a_hostile_text_cannot_steer_the_terminal():
    shown = mistake_in("x*\x1b[31m[/b]\u202e")
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_the_pointer_points_where_the_mistake_is():
    text = "x + " * 30 + "z, x=1"
    excerpt, pointer, sentence = mistake_in(text).split("\n")
    assert excerpt[pointer.index("^")] == "z"
    assert excerpt.startswith("… ")
    assert "z has no value" in sentence


ANSWERS = (
    "7",
    "x*y with x=1, y=2",
    "y, y=1",
    "-1",
    "",
    "sum(w@w.T) with w=[1, 2; 3, 4]",
    "nan",
    "[/b]",
    "\x1b[31m",
    "9" * 30,
)


@pytest.mark.parametrize("size", [SIZES[0], SIZES[2]], ids=lambda size: "{}x{}".format(*size))
async def test_random_keys_never_raise(size):
    """Keys and clicks at random; dialogs are filled in at random, the window changes its size now and then."""
    rng = random.Random(size[0])
    keys = [key for binding in bindings() for key in binding.key.split(",") if key != "escape"] + ["z", "f5", "home"]
    async with drive(size, ascii_only=size[0] == 80) as d:
        for count in range(50):
            key = rng.choice(keys)
            d.app._driver.send_message(events.Key(key, key if len(key) == 1 else None))
            if count % 6 == 0 and d.app.screen is d.screen:
                canvas = d.screen.query_one(f"#{rng.choice(('graph', 'step', 'footer'))}", Canvas)
                canvas.post_message(Canvas.CellClicked(canvas, rng.randrange(10), rng.randrange(60)))
            if d.app.screen is not d.screen:
                for line in d.app.screen.query(Input):
                    line.value = rng.choice(ANSWERS)
                await d.press(rng.choice(("enter", "escape")))
                await d.settle()
                if d.app.screen is not d.screen:
                    d.app.pop_screen()
                    await d.settle()
            if count % 25 == 24:
                await d.pilot.resize_terminal(rng.randrange(1, 220), rng.randrange(1, 70))
                await d.settle()
                await d.pilot.resize_terminal(*size)
                while d.app.screen.size != size:
                    await d.settle()
        assert d.app.mistake is None
        assert d.app.code is None
        d.session.halt()
        while d.lesson.back():
            pass
        assert d.lesson.gradient(0) is None
