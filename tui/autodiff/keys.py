"""The keys of this lesson: one table for the bindings, the help screen, the footer and a user's own keys."""

from __future__ import annotations

from textual.binding import Binding

from tui.autodiff import commands
from tui.lesson.binding import Entries, Key, between_panes, bound

KEYS = (
    Key("play", "space", "play or pause", commands.play, shows="step"),
    Key("step", "full_stop", "one step forward", commands.step, shows="step"),
    Key("back", "comma", "one step back", commands.back, shows="step"),
    Key("end", "e", "to the end of this pass", commands.end, shows="step"),
    Key("start", "E", "back to the beginning of this pass", commands.start, shows="step"),
    Key("slower", "left_square_bracket", "play slower", commands.slower),
    Key("faster", "right_square_bracket", "play faster", commands.faster),
    Key("edit", "n,slash", "an expression of your own", commands.edit),
    Key("example", "x", "the next example", commands.example(1), shows="step"),
    Key("example-back", "X", "the example before", commands.example(-1), shows="step"),
    Key("descend", "g", "a step down the gradient", commands.descend, shows="inputs"),
    Key("undo", "G", "take the last change of values back", commands.undo, shows="inputs"),
    Key("rate", "a", "change η, the size of that step", commands.rate, shows="inputs"),
    Key("check", "c", "check the gradients by finite differences", commands.check, shows="inputs"),
    Key("value", "enter", "change the value of the selected input", commands.value),
    Key("text", "i", "what this expression teaches", commands.text, shows="step"),
    Key("reset", "r", "back to the start", commands.reset, shows="step"),
    Key("pan-up", "shift+up", "move the graph: what is above", commands.pan(-1, 0)),
    Key("pan-down", "shift+down", "move the graph: what is below", commands.pan(1, 0)),
    Key("pan-left", "shift+left", "move the graph: what is to the left", commands.pan(0, -1)),
    Key("pan-right", "shift+right", "move the graph: what is to the right", commands.pan(0, 1)),
)
COMMANDS = {key.id: key for key in KEYS}
ARROWS = ("up", "right", "down", "left")

# What the footer says, the most important first: the ids of bindings, and a word.
FOOTER: Entries = (
    (("autodiff.play",), "play"),
    (("autodiff.step",), "step"),
    (("autodiff.back",), "back"),
    (("autodiff.end",), "end"),
    (("autodiff.edit",), "expression"),
    (("autodiff.example",), "example"),
    (("autodiff.descend",), "descend"),
    (("autodiff.check",), "check"),
    (("autodiff.pane",), "pane"),
    (("autodiff.up", "autodiff.right", "autodiff.down", "autodiff.left"), "node"),
    (("autodiff.slower", "autodiff.faster"), "speed"),
    (("autodiff.value",), "value"),
    (("autodiff.undo",), "undo"),
    (("autodiff.rate",), "η"),
    (("autodiff.text",), "lesson"),
    (("autodiff.reset",), "reset"),
)


def bindings() -> list[Binding]:
    """The keys as Textual binds them."""
    chosen = [
        Binding(arrow, f"choose('{arrow}')", f"choose the node {words}", id=f"autodiff.{arrow}")
        for arrow, words in zip(ARROWS, ("above", "to the right", "below", "to the left"), strict=True)
    ]
    return [
        *bound("autodiff", KEYS),
        *chosen,
        *between_panes("autodiff"),
        Binding("escape", "escape", "let go of the node, or leave", id="autodiff.escape"),
    ]
