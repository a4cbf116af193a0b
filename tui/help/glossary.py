"""The words and signs of the lessons, in the order in which one needs them. Sources: Sutton & Barto (2018)."""

from __future__ import annotations

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("state s", "Where the learner stands; on a board, a cell (in Taxi also where the passenger is and wants to go)."),
    ("action a", "What it can do there: the arrows."),
    ("reward r", "The number that a step pays. All that a learner wants is as much of it as possible."),
    ("episode", "The steps from a start to an end. Then the next one begins; what was learnt stays."),
    ("return", "The sum of an episode's rewards: what the curve shows."),
    ("discount γ", "What a reward is worth that comes one step later: γ times as much. At 1 all count the same."),
    ("policy π", "Which action is taken in which state. The greedy policy takes the one with the largest Q."),
    ("V(s)", "The value of a state: the discounted rewards to expect from there on."),
    ("Q(s,a)", "The value of an action: the same, if it begins with action a."),
    ("backup, update", "One estimate is made better from the estimates of the states that follow. One step here."),
    ("bootstrap", "To estimate from an estimate: the part of the target that is not reward."),
    ("target", "What the estimate should have been: the reward and the discounted value of what follows."),
    ("TD error δ", "Target minus estimate: the surprise. The estimate moves by α times it."),
    ("step size α", "How much of its error an estimate takes on: 1 forgets the past, 0 never learns."),
    ("exploration ε", "The share of random actions; without them it might never find out what is better."),
    ("on-policy", "Learns the value of what it does, exploring included: SARSA."),
    ("off-policy", "Learns the value of another policy than the one it follows: Q-learning, of the greedy one."),
    ("sweep", "Dynamic programming: every state backed up once."),
    ("in place", "A sweep in which every backup already sees the values changed before it."),
    ("θ", "Dynamic programming stops after a sweep in which no value changed by more than theta."),
    ("lane", "One of many learners that run at once, each with its own luck. You see the first; the curve is of all."),
    ("95 % band", "Around the mean of all lanes: 19 such bands in 20 have the true mean inside."),
    ("keyframe", "A copy of everything, kept now and then. A step back starts from the nearest and replays, exactly."),
    ("seed", "Where chance begins. The same seed and settings give the same lesson, bit for bit."),
)

BOARD: tuple[tuple[str, str], ...] = (
    ("number, colour", "The value of a cell in the chosen layer: blue above zero, orange below, paler nearer to it."),
    ("arrows", "The greedy actions. Several arrows are a tie: they are equally good."),
    ("frame", "A thick frame is the last update, a double one the cell that you selected."),
    ("small boards", "Where cells are too small for frames, [ ] is the last update and ( ) your selection."),
)


HEALTH: tuple[tuple[str, str], ...] = (
    ("smoothing", "Every point is the mean of those before it, older ones counting less. Behind it the raw curve."),
    ("band", "Runs that differ only by seed are one curve, their mean; around it a 95 % t interval over the seeds."),
    (
        "y axis",
        "It follows the curves and not their bands, and of the points the lowest and highest 5 % have no say in it. An "
        "arrow at the edge is a curve that goes on beyond.",
    ),
    ("return", "What a policy earns while it explores and learns. The greedy evaluation is what it could earn."),
    (
        "diagnosis",
        "A rule that looks at the curves. It says what it has seen and what to try; it knows no more than that.",
    ),
    (
        "mouse",
        "A click on a chart of one run goes to that moment. Among many runs the cursor follows the mouse, a click pins "
        "it, dragging zooms in, the wheel zooms in and out.",
    ),
)


NUMBERS: tuple[tuple[str, str], ...] = (
    ("progress", "How much of the steps, episodes or sweeps is used after which the run ends at the latest."),
    ("time", "How long it has learnt, without its pauses; what is left is a guess, from the speed so far."),
    ("speed", "Steps of all its environments together, in a second."),
    ("return", "The mean of the latest episodes, as they were played: exploring."),
    (
        "greedy",
        "What the policy earns when it explores no more: of a network its best evaluation so far, of a table the exact "
        "mean, once the run has ended.",
    ),
    ("work", "The steps of all its environments together, and the episodes that have ended; of planning its sweeps."),
    ("updates", "How often a network was changed. PPO does so once a minibatch, after whole rollouts of steps."),
    ("rate", "The learning rate now: how far an update moves a network. It may fall by a schedule."),
    ("step size", "α now: how much of its error an estimate in a table takes on."),
    ("explores", "ε now: the share of random actions."),
    ("change", "The most that a value has changed by in the last sweep. Planning ends below θ."),
    ("solved at", "The return from which the scenario counts as solved."),
    ("memory", "What its process takes of the machine's, and not only the replay memory."),
)


def metric_meanings() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Every metric by its chart's title and its name, with what it means, and how it looks in good health and bad."""
    from scenarios.runs.metrics import METRICS
    from tui.live.curves import SHORT

    def headed(name: str) -> str:
        return f"{SHORT[name]} ({name})" if name in SHORT else name

    return tuple(
        (
            headed(metric.name) if metric.unit == "1" else f"{headed(metric.name)}, in {metric.unit}",
            (("", metric.meaning), ("healthy", metric.healthy), ("if not", metric.unhealthy)),
        )
        for metric in METRICS
    )


def glyph_meanings(ascii_only: bool) -> tuple[tuple[str, str], ...]:
    """The signs on a board, taken from the table that draws them."""
    from tui.drawing.theme import ASCII, UNICODE

    glyphs = ASCII if ascii_only else UNICODE
    return (
        (glyphs.agent, "the learner"),
        (glyphs.start, "start"),
        (glyphs.goal, "goal, the episode ends"),
        (glyphs.terminal, "another end"),
        (glyphs.cliff, "cliff: back to the start, and it costs"),
        (glyphs.hole, "hole: the episode ends with nothing"),
        (glyphs.wall, "wall"),
        (glyphs.jump, "jump: every action leads to the cell with the same letter"),
    )
