"""A monkey at the keyboard, and one at the window's edge: whatever they do, the app goes on and then ends cleanly."""

import random

import pytest
from pseudoterminal import Pseudoterminal

KEYS = [bytes([code]) for code in range(0x20, 0x7F) if code != ord("q")]
KEYS += [b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D", b"\x1b[5~", b"\x1b[6~", b"\x1b[H", b"\x1b[F", b"\x1b[Z"]
KEYS += [b"\t", b"\r", b"\x7f", b"\x10", b"\x13", b"\x14", b"\x1bOP", "é漢".encode(), b"\x1b[<0;30;10M\x1b[<0;30;10m"]
MOVES = [b" ", b".", b",", b"l", b"L", b"e", b"E", b"p", b"=", b"\x1b[A", b"\x1b[B", b"v", b"\t", b"]", b"\r", b"w"]
FEW, MANY = 150, 500


def monkey(terminal: Pseudoterminal, keys: list[bytes], seed: int, resize: bool, count: int) -> None:
    """Press many keys, a few at a time; what was opened is closed again, so that all screens are met."""
    chance = random.Random(seed)
    for burst in range(count // 10):
        terminal.type(b"".join(chance.choices(keys, k=10)))
        terminal.read(0.02)
        if resize and burst % 5 == 0:
            terminal.resize(chance.randint(1, 220), chance.randint(1, 70))
        if burst % 3 == 0:
            terminal.type(b"\x1b")
            terminal.read(0.04)  # longer than the pause that tells escape from a sequence
        assert terminal.process.poll() is None, bytes(terminal.sent[-1000:])


@pytest.mark.parametrize(
    ("seed", "keys", "resize", "count"),
    [
        (0, KEYS + MOVES * 10, True, FEW),
        *(
            pytest.param(seed, keys, resize, MANY, marks=pytest.mark.slow)
            for seed in range(20)
            for keys in (KEYS, KEYS + MOVES * 10)
            for resize in (False, True)
        ),
    ],
)
def test_nothing_the_monkey_does_breaks_the_app(terminal, seed, keys, resize, count):
    app = terminal(columns=100, rows=30)
    app.read_until(b"Policy evaluation")
    app.settle()
    app.type(b"\r")  # a lesson, over the picker
    app.settle()
    monkey(app, keys, seed, resize, count)
    app.type(b"\x03")
    code, _ = app.end()
    assert code == 130
    assert app.is_restored()
    assert b"Traceback" not in app.sent
    assert b"unexpected" not in app.sent
