"""What the help says beside the keys: how to read the tape, how to write an expression, and the words."""

from __future__ import annotations

from scenarios.lessons.autodiff.functions import FUNCTIONS
from tui.help.page import Paragraph

_GRAPH = (
    ("box", "A node of the tape: its name and how it is computed, its value, and its gradient when that has arrived."),
    ("∂a", "The gradient of a: the derivative of the result by a. With … behind it, more will be added."),
    ("thick box", "The node of this step; thick lines are what it has read, or where its gradient went."),
    ("double box", "The node that you selected."),
    ("green names", "Variables: gradients are asked of them. Grey ones are given, or constants."),
)
_WRITING = (
    ("values", "Behind the expression, after with or a comma: x=2, w=[1, 2, 3], m=[1, 2; 3, 4]."),
    ("given", "What stands behind it is data: no gradient is asked of it, and steps down leave it alone."),
    ("a name", "h*h with h=tanh(x), x=1: h is computed once and used twice."),
    ("signs", "+ - * / ** as in Python, @ for the matrix product, x.T, x[0], m[1, :2]."),
    ("functions", ", ".join(function.usage for function in FUNCTIONS.values())),
)
_WORDS = (
    ("tape", "What the engine writes down while it computes: every operation with its inputs, in order."),
    ("forward pass", "Values, from the inputs to the result: the oldest node first."),
    (
        "backward pass",
        "Gradients, from the result to the inputs: the youngest node first, so that each is complete in time.",
    ),
    (
        "local derivative",
        "How the result of one operation moves with one of its inputs. The rule of the operation knows it.",
    ),
    ("chain rule", "A gradient is the gradient from above times the local derivative."),
    ("sum of shares", "A node that is used several times gets a share from every use; they are added."),
    ("η", "The step size: x ← x − η ∂x goes down the gradient. Too large, and the result rises."),
    ("finite difference", "(f(x + ε) − f(x − ε)) / 2ε: what the result itself does when an input moves a little."),
    ("kink", "A place without a derivative, as of relu(x) at 0. The engine takes one of the slopes, or their middle."),
)


def help_words() -> list[Paragraph]:
    """All of it."""
    found: list[Paragraph] = []
    for title, lines in (("The graph", _GRAPH), ("An expression", _WRITING), ("Words", _WORDS)):
        found += [Paragraph(title, "heading"), *(Paragraph(text, name=name, indent=19) for name, text in lines)]
        found.append(Paragraph(""))
    return found[:-1]
