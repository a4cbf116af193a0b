"""Expressions to begin with, in order of increasing difficulty."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """An expression, and what there is to see in it."""

    title: str
    text: str
    teaches: str


EXAMPLES = (
    Example(
        "the chain rule",
        "(a*b + c)**2 with a=2, b=-3, c=10",
        "Each operation knows the derivative of its own result by its own inputs, and nothing else. On the way back it "
        "multiplies that by the gradient that arrives from above: the chain rule, one link at a time.",
    ),
    Example(
        "a diamond",
        "h*h + 3*h with h=tanh(x), x=0.5",
        "h is used twice, by two operations. Both send it a share of the gradient and the shares are added: watch the "
        "sum grow, and that h hands nothing on before it is complete.",
    ),
    Example(
        "log-sum-exp",
        "log(exp(x) + exp(y)) with x=1, y=2",
        "A smooth maximum. Its gradients are the softmax of x and y: they add up to 1, and the larger input gets more.",
    ),
    Example(
        "a neuron",
        "relu(w@x + b) with w=[0.5, -1, 2], b=0.1 given x=[1, 2, 1.5]",
        "Arrays travel along the edges, and the gradient of each has its shape. What stands behind given is data: no "
        "gradient is asked of it. Make b -2 and the neuron is off: every gradient is 0.",
    ),
    Example(
        "a line through points",
        "mean((w*x + b - y)**2) with w=0, b=0 given x=[0, 1, 2, 3], y=[1, 3, 5, 7]",
        "w is one number and x has four: w was copied for every entry, so on the way back its gradients are summed. "
        "Press g some times: the loss falls and w, b go to 2 and 1.",
    ),
    Example(
        "softmax and cross-entropy",
        "cross_entropy(x@w + b, label) with w=[0.2, -0.1, 0.4; 0.5, 0.3, -0.2], b=[0, 0, 0] given x=[1, -2], label=2",
        "Scores become probabilities, and the loss is minus the logarithm of the right one. Its gradient by the scores "
        "is as simple as it gets: the probabilities, minus 1 at the right class.",
    ),
    Example(
        "a network of two layers",
        "mean((tanh(x@w1 + b1)@w2 + b2 - y)**2) with w1=[1, -1, 0.5; 0.8, 1.2, -0.7], b1=[0, 0.5, -0.5], "
        "w2=[0.7; -1; 0.4], b2=[0.1] given x=[0, 0; 0, 1; 1, 0; 1, 1], y=[0; 1; 1; 0]",
        "Exclusive or: four inputs, three hidden neurons, one output. The same rules, only longer: every weight learns "
        "how the loss would change with it. Set η to 0.5 and press g until the loss is near 0.",
    ),
    Example(
        "a residual block",
        "mse(h2@v, target) with h1=x + tanh(x@w1), h2=h1 + tanh(h1@w2), w1=[0.5, -0.3; 0.2, 0.4], "
        "w2=[-0.6, 0.1; 0.3, 0.7], v=[1, -1] given x=[0.5, -1], target=1",
        "Each block adds to what it was given. On the way back the plus hands the gradient on as it is, past the "
        "tanh: that is why deep networks of such blocks can be trained.",
    ),
)
