"""The keys of the live screen: one table for the bindings, the help screen, the footer and a user's own keys."""

from __future__ import annotations

from textual.binding import Binding

from scenarios.runs.resume import CAN_GO_ON
from tui.lesson.binding import Entries, Key, between_panes, bound
from tui.live import asking, looking, scrubbing
from tui.live.session import Session

KEYS = (
    Key("pause", "space", "pause the training or go on; play a run that has ended", asking.pause),
    Key("step", "full_stop", "a single update, then a pause; one of PPO is a minibatch", asking.step),
    Key("stop", "S", "stop the training", asking.stop),
    Key("checkpoint", "k", "write a checkpoint now", asking.checkpoint),
    Key("evaluate", "e", "try the greedy policy out now", asking.evaluate),
    Key("settings", "a,plus", "change a setting while it learns", asking.settings),
    Key("resume", "r", "go on with a run that was stopped or has died", asking.resume),
    Key("back", "left,comma", "back to the recorded moment before", scrubbing.move(-1)),
    Key("forward", "right", "on to the next recorded moment", scrubbing.move(1)),
    Key("episode-back", "pageup", "back to the beginning of an episode", scrubbing.episode(-1)),
    Key("episode", "pagedown", "on to the next episode", scrubbing.episode(1)),
    Key("first", "home", "to the first recorded moment", scrubbing.first),
    Key("now", "end", "back to what happens now", scrubbing.newest),
    Key("play", "p", "play what was recorded from here on, or stop", scrubbing.play),
    Key("freeze", "f", "freeze or free what moves: charts alone take few bytes", scrubbing.freeze),
    Key("metric", "m", "next metric in the large chart", looking.metric(1), shows="returns"),
    Key("metric-back", "M", "metric before", looking.metric(-1), shows="returns"),
    Key("axis", "x", "x axis: steps, episodes, seconds", looking.axis),
    Key("log", "l", "logarithmic y axis", looking.log_y, shows="returns"),
    Key("smoothing", "s", "smoother curves", looking.smoothing),
    Key("layer", "v", "what a board shows: V, Q, policy", looking.layer),
    Key("up", "up", "earlier messages", looking.scroll(1), shows="messages"),
    Key("down", "down", "later messages", looking.scroll(-1), shows="messages"),
)
COMMANDS = {key.id: key for key in KEYS}

# What the footer says, the most important first: the ids of bindings, and a word.
WHILE_LEARNING: Entries = (
    (("live.pause",), "pause"),
    (("live.step",), "update"),
    (("live.evaluate",), "evaluate"),
    (("live.stop",), "stop"),
    (("live.back", "live.forward"), "scrub"),
    (("live.pane",), "pane"),
    (("live.checkpoint",), "checkpoint"),
    (("live.settings",), "settings"),
    (("live.metric",), "metric"),
    (("live.axis",), "x axis"),
    (("live.smoothing",), "smooth"),
    (("live.log",), "log"),
    (("live.freeze",), "freeze"),
    (("live.zoom",), "zoom"),
    (("live.play",), "play"),
    (("live.layer",), "layer"),
)
WHILE_ENDED: Entries = (
    (("live.pause",), "play"),
    (("live.back", "live.forward"), "scrub"),
    (("live.episode-back", "live.episode"), "episode"),
    (("live.first", "live.now"), "first, last"),
    (("live.pane",), "pane"),
    (("live.metric",), "metric"),
    (("live.axis",), "x axis"),
    (("live.smoothing",), "smooth"),
    (("live.log",), "log"),
    (("live.zoom",), "zoom"),
    (("live.layer",), "layer"),
)
WHILE_SCRUBBING: Entries = (
    (("live.now",), "now"),
    (("live.back", "live.forward"), "scrub"),
    (("live.episode-back", "live.episode"), "episode"),
    (("live.play",), "play"),
    (("live.first",), "first"),
    (("live.pane",), "pane"),
    (("live.metric",), "metric"),
    (("live.pause",), "pause the training"),
    (("live.axis",), "x axis"),
    (("live.smoothing",), "smooth"),
    (("live.zoom",), "zoom"),
)
MAY_RESUME: Entries = ((("live.resume",), "resume"),)


def footer_entries(session: Session) -> Entries:
    """What the footer says now."""
    seen, has_board = session.seen, session.facts.board is not None
    wanted = WHILE_LEARNING if seen.learns or not seen.status else WHILE_ENDED
    if seen.learns and session.env_steps is not None:
        wanted = WHILE_SCRUBBING
    if seen.status in CAN_GO_ON:
        wanted = MAY_RESUME + wanted
    words = {"pause": "go on", "pause the training": "go on with the training"} if seen.status == "paused" else {}
    return tuple((ids, words.get(word, word)) for ids, word in wanted if has_board or ids != ("live.layer",))


def always(below: str) -> Entries:
    """What the footer says always; `below` is the screen that leaving comes back to, empty where it ends the app."""
    return ((("app.help",), "help"), (("live.quit",), f"to the {below}" if below else "quit"))


def bindings() -> list[Binding]:
    """The keys as Textual binds them."""
    return [
        *bound("live", KEYS),
        *between_panes("live"),
        Binding("z,enter", "zoom", "the pane in focus on the whole screen, and back", id="live.zoom"),
        Binding("d,escape", "back", "back to all panes, or leave the run", id="live.leave"),
        Binding("q", "leave_run", "leave the run; one that learns goes on", id="live.quit"),
    ]
