"""Text of others, on every screen that shows runs and in every command: it is shown as text, and steers nothing."""

import os
import random
import re
import unicodedata

import pytest
from pseudoterminal import ENTERED
from screens import ShellOnly, opened
from textual import events

from scenarios.runs.directory import Result, create_run, write_result
from scenarios.runs.files import RunError
from scenarios.runs.tfevents import EventWriter
from tests.tui.driving import settle, text_of
from tui.__main__ import main
from tui.drawing.cells import Cells, safe_text
from tui.drawing.theme import make_theme
from tui.help.page import Paragraph, draw_page, page_lines
from tui.picker.menu import Row, draw_menu

PIECES = (
    *("\x1b[2J", "\x1b]0;title\x07", "\x1b]52;c;cm0gLXJm\x07", "\x1bP1$r\x1b\\", "\x9b31m", "\x90", "\x1b", "\x07\x08"),
    *("[red]", "[/b]", "[@click=app.exit]x[/]", "[link=file:///etc/passwd]", "\\[", "{}%s", "<b>&amp;"),
    *("\u202egnp.exe\u202c", "\u2066", "\u200f", "\u200b\u200d", "\ufeff", "e\u0301\u0302\u0303", "\U000e0041"),
    *(
        "漢字",
        "🏴\u200d☠️",
        "🇩🇪",
        "\ud800",
        "\x00",
        "\t",
        "\r\n",
        "\u2028",
        "\x7f",
        "../..",
        "'; rm -rf ~",
        "-h",
        "=1+1",
    ),
)
OWN = re.compile(rb"\x1b\[[0-9;?<>$=]*[A-Za-z]|\x1b]22;[a-z]*\x07")  # what Textual and our compositor send
FEW, MANY = 2, 60


def hostile(chance):
    """A text of somebody who means harm."""
    return "".join(chance.choices(PIECES, k=chance.randint(1, 12))) or "x"


def assert_harmless(text):
    for character in set(text) - {"\n"}:
        assert unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn"), repr(character)


def without_surrogates(text):
    return text.encode("utf-8", "replace").decode()


def hostile_run(root, chance):
    """A run in which everything that is text was written by somebody else; None where it was refused at the door."""
    text = [without_surrogates(hostile(chance)) for _ in range(6)]
    scenario = text[0] if chance.random() < 0.5 else "cartpole"
    try:
        run = create_run(root, scenario, "dqn", {"hidden": text[1], text[2]: text[3], "gamma": 0.9}, seed=1)
    except RunError as refused:
        assert_harmless(str(refused))
        return None
    with EventWriter(run.events) as writer:
        for step in range(1, 6):
            writer.scalars(step, {text[4][:60]: float(step), "episode/return": -step, "loss/value": float("nan")})
    run.log.write_text(text[5] * chance.choice((1, 1, 200_000)), "utf-8")
    write_result(run, Result("failed", 5, 1, 1.0, 5.0, None, None, 50.0, f"ValueError: {text[3]}"))
    name = re.sub("[/\x00]", "", text[0]).encode()[:200].decode(errors="ignore").strip(".") or "run"
    os.rename(run.path, path := root / name)
    return path


def look_around(app, keys):
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


@pytest.mark.parametrize("seed", [*range(FEW), *(pytest.param(s, marks=pytest.mark.slow) for s in range(FEW, MANY))])
async def test_screens_show_it_as_text(homes, seed):
    chance = random.Random(seed)
    runs = [path for path in (hostile_run(homes / "runs", chance) for _ in range(3)) if path is not None]
    begin = (
        lambda app: app.open_monitor([homes / "runs"]),
        *(lambda app, p=path: app.open_run(p) for path in runs[:1]),
    )
    for opens in begin:
        async with opened(ShellOnly(begin=opens), (120, 40)) as pilot:
            app = pilot.app
            assert_harmless(text_of(app))
            for keys in (("tab",), ("tab", "tab"), ("down",), ("question_mark",), ("escape",)):
                look_around(app, keys)
                await settle(pilot)
                assert_harmless(text_of(app))
            assert app.mistake is None


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, MANY))])
def test_commands_print_it_as_text(homes, capsys, seed):
    chance = random.Random(1000 + seed)
    path = hostile_run(homes / "runs", chance)
    name = without_surrogates(hostile(chance))
    where = str(path or homes / name.replace("\x00", ""))
    for arguments in (
        ["ls", "--runs", str(homes / "runs")],
        ["watch", str(homes / "runs"), "--once"],
        ["inspect", where],
        ["attach", where],
        ["stop", where],
        ["resume", where],
        ["eval", where],
        ["learn", name],
        ["train", "--env", name],
        ["train", "cartpole", "--set", f"hidden={name}"],
        [name],
    ):
        code = main(arguments)
        said = capsys.readouterr()
        assert code in (0, 1, 2), arguments
        assert_harmless(said.out)
        assert_harmless(said.err)
        assert "Traceback" not in said.err
        assert said.err.count("\n") <= 3


@pytest.mark.parametrize("command", ["watch", pytest.param("attach", marks=pytest.mark.slow)])
def test_a_terminal_gets_no_sequence_but_our_own(homes, terminal, command):
    chance = random.Random(7)
    found = [path for path in (hostile_run(homes / "runs", chance) for _ in range(8)) if path is not None]
    app = terminal(command, str(homes / "runs" if command == "watch" else found[0]), columns=120, rows=40)
    app.read_until(ENTERED)
    app.settle()
    for keys in (b"\t\t", b"?", b"\x1b"):
        app.type(keys)
        app.settle()
    rest = OWN.sub(b"", bytes(app.sent))
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", rest)
    assert_harmless(rest.decode().replace("\r", ""))
    app.type(b"\x03")
    assert app.end()[0] == (130 if command == "watch" else 1)  # the run had failed


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_thousands_of_texts_become_cells(count):
    chance, theme = random.Random(count), make_theme()
    for number in range(count):
        text = hostile(chance) * (100_000 if number % 1000 == 999 else 1)
        assert_harmless(safe_text(text))
        cells = Cells(40, 1)
        cells.put(0, chance.randint(-5, 45), text)
        menu = draw_menu(
            [Row(text, "lesson", "a", mark=">", note=text), Row(text, note=text)], 0, 30, 3, theme, active=True
        )
        page = draw_page(page_lines([Paragraph(safe_text(text, 400), name=safe_text(text, 8))], 30), 0, 30, 3, theme)
        for drawn in (cells, menu, page):
            assert_harmless(str(drawn))
