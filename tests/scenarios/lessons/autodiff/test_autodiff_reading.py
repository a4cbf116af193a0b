"""What can be typed, and what is said of what cannot."""

import random
import string

import numpy as np
import pytest

from scenarios.lessons.autodiff.examples import EXAMPLES
from scenarios.lessons.autodiff.functions import FUNCTIONS
from scenarios.lessons.autodiff.reading import LONGEST, ExpressionError, read
from scenarios.lessons.autodiff.recording import program, record


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("(a*b + c)**2 with a=2 b=-3 c=10", 16),
        ("(a*b + c)**2, a=2, b=-3, c=10", 16),
        ("(a·b + c)^2; a=2; b=−3; c=10", 16),
        ("a*b with a=2 and b=3", 6),
        ("-x**2, x=3", -9),
        ("2**-x, x=1", 0.5),
        ("1 - -x, x=1", 2),
        ("x + 1/4 - 0.25, x=.5e1", 5),
        ("h*h with h=x + 1, x=2", 9),
        ("sum(m@v) with m=[1, 2; 3, 4] v=[1, 10]", 64),
        ("sum(m@v) with m=[[1, 2], [3, 4]] v=[1, 10]", 64),
        ("sum(m.T@v) given v=[1, 10] with m=[1, 2; 3, 4]", 73),
        ("m[1, 0] + sum(m[0]) + sum(m[:, 1:]), m=[1, 2; 3, 4]", 12),
        ("sum([1; 2] * x), x=[10, 20]", 90),
        ("max(x) + min(x, 0), x=[1, 2, 3]", 4),
        ("relu(x)\n  with\tx = 3", 3),
        ("x*y, x=1/4, y=sqrt(16)", 1),
        ("mse(x, 3), x=1", 4),
        ("θ*ω, θ=2, ω=3", 6),
    ],
)
def test_what_is_meant(text, result):
    assert record(program(text)).loss == pytest.approx(result)


@pytest.mark.parametrize(
    ("text", "sentence", "place"),
    [
        ("", "something is missing", 0),
        ("a=1", "something is missing", 0),
        ("x*, x=1", "something is missing behind *", 1),
        ("2x, x=1", "write 2*x for a product", 1),
        ("2(x), x=1", "for a product write *", 0),
        ("x y, x=1, y=2", "between x and y a sign is missing", 2),
        ("x+*y, x=1, y=2", "* cannot stand here", 2),
        ("(x, x=1", "( is never closed", 0),
        ("x), x=1", ") closes nothing", 1),
        ("(x], x=1", "] cannot close (", 2),
        ("x*z, x=1", "z has no value", 2),
        ("x, x=1, x=2", "x has two values", 8),
        ("x+1, x=2, y=3", "y is not used", 10),
        ("a, a=b, b=a", "a is defined by itself", 3),
        ("x*y with", "behind with stand values", 8),
        ("x with lambda=1", "lambda cannot be a name", 7),
        ("lambda: 1", "is not among", 0),
        ("x if x else x, x=1", "comparisons have no derivative", 0),
        ("x or y, x=1, y=2", "comparisons have no derivative", 0),
        ("x > 1, x=1", "'>' is no part of an expression", 2),
        ("__import__(x), x=1", "there is no function __import__", 0),
        ("x.data, x=1", "a dot is a decimal point", 0),
        ("x.T.grad, x=1", "a dot is a decimal point", 0),
        ("tahn(x), x=1", "did you mean tanh?", 0),
        ("exp, x=1", "exp is a function: call it as exp(x)", 0),
        ("clip(x, 1), x=1", "call it as clip(x, low, high), with 3", 0),
        ("clip(x, low=0, high=1), x=1", "= gives a value behind", 11),
        ("max(x, y), x=1, y=2", "with plain numbers behind the first", 0),
        ("mse(x, y), x=1, y=2", "stands behind given", 0),
        ("cross_entropy(x, 0.5), x=[1, 2]", "classes are whole numbers", 0),
        ("cross_entropy(x, 7), x=[1, 2]", "classes must be integers in 0 .. 1", 0),
        ("sum(x@y), x=[1, 2], y=[1, 2, 3]", "@ cannot take 2 entries and 3 entries", 4),
        ("sum(x[5]), x=[1, 2]", "there is no such entry in 2 entries", 4),
        ("sum(x[0.5]), x=[1, 2]", "an index is a whole number", 6),
        ("sum(x, 3), x=[1, 2]", "axis 3 is out of bounds", 0),
        ("sum(x), x=[1, 2; 3]", "rows of one length", 10),
        ("sum(x), x=[]", "at least one number", 10),
        ("sum([x, 1]), x=1", "a list holds numbers", 5),
        ("x, x=[1, 2]", "gradients are of one number, this is 2 entries", 0),
        ("x*y, x=1, y", "y wants a value here, as in y=2", 10),
        ("x, 2, x=1", "several expressions", 0),
        ("1 + 2", "there is nothing to differentiate", 0),
        ("x given x=2", "there is nothing to differentiate", 0),
        ("x, x=2", "a variable alone", 0),
        ("x/(1 - 1) + 1/0, x=1", "1 / 0 is no number", 12),
        ("x*9**9**9, x=1", "is no number", 2),
        ("x*1e308*10, x=1e999", "this number is too large", 14),
        ("x*(1e308*10), x=1", "is no real number", 3),
        ("x*(-8)**0.5, x=1", "is no real number", 2),
        ("x*'a', x=1", "is no part of an expression", 2),
        ("x*\x1b[31m, x=1", "is no part of an expression", 2),
        ("(" * 30 + "x" + ")" * 30, "brackets lie at most", 24),
        ("-" * 300 + "x, x=1", "too large", 0),
        ("1 + " + "x" * 25, "names have at most 24 characters", 4),
        ("x" * (LONGEST + 1), "at most 4000 characters", LONGEST),
        ("sum(x*y), x=[" + "1," * 50 + "1], y=[" + "1;" * 50 + "1]", "arrays have 1 to 1024 entries", 4),
        ("sum(x), x=[" + "1," * 500 + "1]", "at most 400 numbers", 0),
    ],
)
def test_what_is_refused(text, sentence, place):
    with pytest.raises(ExpressionError) as caught:
        program(text)
    assert sentence in caught.value.sentence
    assert caught.value.place == place
    assert str(caught.value) == f"{caught.value.sentence}, at character {place + 1}"


def test_definitions_in_each_other_are_bounded():
    chain = "".join(f", x{i}=x{i + 1} + 1" for i in range(200))
    with pytest.raises(ExpressionError, match="too deep"):
        program(f"x0{chain}, x200=1")


def test_the_places_of_parts():
    text = "(a*b + c)**2 with a=2, b=[1;2], c=3"
    reading = read(text)
    assert reading.formula.span(reading.formula.tree) == (0, 12)
    assert [text[d.place] for d in reading.definitions] == ["a", "b", "c"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_is_its_own_text(example):
    """The text with the values of a program is read as the same program."""
    one = program(example.text)
    other = program(one.text(one.values))
    assert one.values.keys() == other.values.keys()
    for name, value in one.values.items():
        np.testing.assert_array_equal(value, other.values[name])
    assert record(one).loss == record(other).loss


PIECES = [
    *string.printable,
    *FUNCTIONS,
    *(
        "x",
        "y",
        "w",
        "h",
        "with",
        "given",
        "and",
        "x=1",
        "y=[1,2]",
        "w=[1,2;3,4]",
        "h=x*x",
        ".T",
        "**",
        "[0]",
        "lambda",
    ),
    *(
        "None",
        "é",
        "∂",
        "\x00",
        "\ud800",
        "²",
        "if",
        "for",
        "1e9",
        "::",
        "-1",
        "not",
        "*x",
        "=",
        "99999",
        "e",
        "0x1",
        "1_0",
    ),
]


def test_ten_thousand_texts_are_used_or_refused():
    """Random texts, half of them damaged examples, never raise anything else, and give numbers or say why not."""
    rng = random.Random(0)
    used, refused = 0, []
    for number in range(10_000):
        if number % 2:
            text = "".join(rng.choice(PIECES) for _ in range(rng.randrange(12)))
        else:
            text = rng.choice(EXAMPLES).text
            for _ in range(rng.randrange(1, 4)):
                at = rng.randrange(len(text) + 1)
                text = text[:at] + rng.choice(PIECES) + text[at + rng.randrange(3) :]
        try:
            used += record(program(text)).result.value.size
        except ExpressionError as error:
            refused.append((error.place <= len(text), error.place >= 0, 0 < len(error.sentence) < 400))
    assert used > 50
    assert len(refused) == 10_000 - used
    assert all(map(all, refused))
