"""The keys of the lesson screen: one table for the bindings, the help screen, the footer and a user's own keys.

Left and right are steps, so choosing a cell with the arrows is a mode of its own: enter, arrows, enter. Where the
terminal sends them, shift and arrows choose at any time.
"""

from __future__ import annotations

from textual.binding import Binding

from tui.lesson import changing, looking, playing
from tui.lesson.binding import Entries, Key, between_panes, bound
from tui.lesson.session import Session

KEYS = (
    Key("play", "space", "play or pause", playing.play),
    Key("step", "full_stop", "one update forward", playing.step),
    Key("back", "comma", "one update back", playing.back),
    Key("right", "right", "one update forward; the cell to the right while choosing one", looking.arrow("right")),
    Key("left", "left", "one update back; the cell to the left while choosing one", looking.arrow("left")),
    Key("line", "l", "one source line forward", playing.line, shows="source"),
    Key("line-back", "L", "one source line back", playing.line_back, shows="source"),
    Key("out", "o", "out of this function, or to the end of this update", playing.line_out, shows="source"),
    Key("episode", "e", "to the end of the episode or sweep", playing.episode),
    Key("episode-back", "E", "back to the end of the episode or sweep before", playing.episode_back),
    Key("until", "u", "run until something happens", playing.until),
    Key("jump", "j", "jump to a step", playing.jump),
    Key("slower", "left_square_bracket", "play slower", playing.slower),
    Key("faster", "right_square_bracket", "play faster", playing.faster),
    Key("layer", "v", "next layer: V, Q, policy, visits, error; of a network its world or values", looking.layer(1)),
    Key("layer-back", "V", "layer before", looking.layer(-1)),
    Key("predict", "p", "predict, then reveal: a question before every update", playing.predict, shows="update"),
    Key("up", "up", "answer: it rises; scroll the text; the cell above", looking.arrow("up")),
    Key("down", "down", "answer: it falls; scroll the text; the cell below", looking.arrow("down")),
    Key("same", "equals_sign", "answer: it stays", playing.answer("unchanged")),
    Key("settings", "a", "change α, γ, ε, θ or the like from here on", changing.settings),
    Key("reset", "r", "back to the start", changing.reset),
    Key("reseed", "R", "begin anew on another seed", changing.reseed),
    Key("curves", "c", "return or length per episode; of a network its diagnostics", looking.metric, shows="curves"),
    Key("difference", "d", "difference of two algorithms", looking.difference),
    Key("focus", "f", "look at the other algorithm", looking.focus),
    Key("select", "enter", "choose a cell with the arrows, keep it, let it go", looking.select, shows="inspector"),
    Key("cell-up", "shift+up", "select the cell above", looking.move("up")),
    Key("cell-down", "shift+down", "select the cell below", looking.move("down")),
    Key("cell-left", "shift+left", "select the cell to the left", looking.move("left")),
    Key("cell-right", "shift+right", "select the cell to the right", looking.move("right")),
    Key("wall", "w", "wall or free the selected cell", changing.wall),
    Key("reward", "dollar_sign", "what entering the selected cell pays", changing.reward),
    Key("save", "ctrl+s", "save the world as TOML", changing.save),
    Key("text", "i", "what this lesson is about", looking.text),
    Key("page-down", "pagedown", "more of the text", looking.scroll(8)),
    Key("page-up", "pageup", "text before", looking.scroll(-8)),
)
COMMANDS = {key.id: key for key in KEYS}
KEEP_TEXT = ("up", "down", "text", "page-down", "page-up")  # these leave the lesson's text where it is shown

# What the footer says, the most important first: the ids of bindings, and a word.
FOOTER: Entries = (
    (("lesson.play",), "play"),
    (("lesson.step",), "step"),
    (("lesson.back",), "back"),
    (("lesson.line",), "line"),
    (("lesson.out",), "out"),
    (("lesson.episode",), "episode"),
    (("lesson.slower", "lesson.faster"), "speed"),
    (("lesson.layer",), "layer"),
    (("lesson.predict",), "predict"),
    (("lesson.pane",), "pane"),
    (("lesson.until",), "until"),
    (("lesson.settings",), "settings"),
    (("lesson.select",), "cell"),
    (("lesson.curves",), "curves"),
    (("lesson.focus",), "other"),
    (("lesson.difference",), "difference"),
    (("lesson.jump",), "jump"),
    (("lesson.text",), "lesson"),
    (("lesson.reset",), "reset"),
    (("lesson.wall",), "wall"),
    (("lesson.reward",), "reward"),
    (("lesson.save",), "save"),
)
WHILE_ASKED: Entries = ((("lesson.up",), "rises"), (("lesson.down",), "falls"), (("lesson.same",), "stays"))
WHILE_GOING: Entries = ((("lesson.escape",), "stop"),)


OF_NETWORKS = frozenset({"lesson.out"})
OF_TABLES = frozenset(f"lesson.{name}" for name in ("select", "focus", "difference", "wall", "reward", "save"))
OF_TWO = frozenset({"lesson.focus", "lesson.difference"})  # do nothing where there is one algorithm


def footer_entries(session: Session) -> Entries:
    """What the footer says now."""
    if session.quiz.question:
        return WHILE_ASKED
    if session.player.way:
        return WHILE_GOING
    hidden = OF_TABLES if session.deep else OF_NETWORKS
    if len(session.lesson.steppers) < 2:
        hidden |= OF_TWO
    entries = (entry for entry in FOOTER if entry[0][-1] not in hidden)
    span = playing.span_of(session)
    return tuple((ids, span if word == "episode" else word) for ids, word in entries)


def bindings() -> list[Binding]:
    """The keys as Textual binds them."""
    return [
        *bound("lesson", KEYS),
        *between_panes("lesson"),
        Binding("escape", "escape", "stop, let go, or leave", id="lesson.escape"),
    ]
