"""Rules in words and numbers: what stands there is what the engine has computed."""

import math
import re

import numpy as np
import pytest

from scenarios.lessons.autodiff.examples import EXAMPLES
from scenarios.lessons.autodiff.explaining import array_text, explain, operation_text
from scenarios.lessons.autodiff.lesson import Lesson
from scenarios.lessons.autodiff.recording import program, record
from tests.scenarios.lessons.autodiff.test_autodiff_lesson import EVERY_OPERATION


def texts(text, steps):
    lesson = Lesson(text)
    for _ in range(steps):
        lesson.forward()
    return [line.text for line in explain(lesson)]


CHAIN = "(a*b + c)**2 with a=2, b=-3, c=10"


def test_forward():
    assert texts(CHAIN, 0) == []
    assert texts(CHAIN, 1) == ["v1 = a·b", "   = 2 · (−3)", "   = −6"]
    assert texts(CHAIN, 3) == ["v3 = v2²", "   = 4²", "   = 16"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x**y with x=-2, y=2", ["v1 = x^y", "   = (−2)^2", "   = 4"]),
        ("(-2)**x with x=-1", ["v1 = (−2)^x", "   = (−2)^(−1)", "   = −0.5"]),
        ("x - -3 with x=-1", ["v1 = x − (−3)", "   = −1 − (−3)", "   = 2"]),
        ("-3*x with x=-2", ["v1 = −3·x", "   = −3 · (−2)", "   = 6"]),
        ("maximum(-3, x) with x=-1", ["v1 = maximum(−3, x)", "   = maximum(−3, −1)", "   = −1"]),
    ],
)
def test_negative_numbers_in_brackets_where_their_sign_would_be_misread(text, lines):
    assert texts(text, 1) == lines


def test_a_negative_constant_in_a_rule():
    assert "∂x  = ∂v1·(−3)" in texts("x*-3 with x=1", 2)


def test_the_first_rule():
    assert texts(CHAIN, 4) == [
        "∂v3 = 1: the result by itself. Here the way back begins.",
        "v3 = v2²",
        "∂v2  = ∂v3 · 2·v2",
        "     = 1 · 2·4  =  8",
        "       from above 1, times the local ∂v3/∂v2 = 8",
    ]


def test_gradients_of_what_is_no_number_are_not_trusted():
    note = "The result is nan: where it is not finite, a gradient says nothing."
    assert texts("log(x) with x=-1", 1)[-1] == texts("log(x) with x=-1", 2)[-1] == note
    assert note not in texts("log(x) with x=1", 2)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("c**2 with c=3", "xᶜ: dx = g · c·xᶜ⁻¹"),  # the c of the rule is another than the learner's
        ("g*b with g=3, b=4", "a·b: da = g·b, db = g·a"),
        ("y**x with x=3, y=4", "aᵇ: da = g · b·aᵇ⁻¹, db = g · y·log a"),
        ("mse(w, 1) with w=3", "mse(x, target): dx = g · 2 (x - target) / n"),
        ("clip(w, 0, 1) with w=3", "clip(x, low, high): dx = g where low <= x <= high"),
    ],
)
def test_a_rule_says_what_its_letters_stand_for(text, rule):
    lesson = Lesson(text)
    lesson.to_end()
    lesson.forward()
    (heading,) = [line for line in explain(lesson) if line.look == "heading"]
    assert heading.aside == f"the rule of {rule}"
    assert rule not in heading.text


def test_two_inputs():
    assert texts(CHAIN, 6) == [
        "∂v1 = 8 is complete.",
        "v1 = a·b",
        "∂a  = ∂v1·b",
        "    = 8·(−3)  =  −24",
        "      from above 8, times the local ∂v1/∂a = −3",
        "∂b  = ∂v1·a",
        "    = 8·2  =  16",
        "      from above 8, times the local ∂v1/∂b = 2",
    ]


def test_a_sum_of_shares():
    text = "h*h + 3*h with h=2*x, x=1"
    first, second = texts(text, 6), texts(text, 7)
    assert "      h is used elsewhere, too: more will be added" in first
    assert "∂h += ∂v2·h" in second
    assert "∂h  = 3 + 2  =  5" in second
    assert "∂h  = 5 + 2  =  7" in second
    assert not any("more will be added" in line for line in second)


def test_arrays():
    assert texts("sum(x[0, :1]) with x=[1, 2; 3, 4]", 1)[-1].strip() == "1 entry"
    lines = texts("sum(w@x + b) with w=[1, 2; 3, 4], x=[5, 6], b=0.5", 5)
    assert "      b was copied to 2 entries: its shares are summed" in lines
    lines = texts("sum(w@x + b) with w=[1, 2; 3, 4], x=[5, 6], b=0.5", 6)
    assert "∂x  = wᵀ @ ∂v1" in lines
    assert "    = [1 2; 3 4]ᵀ @ [1 1]  =  [4 6]" in lines


SCALAR_RULES = [
    ("x + y", ["1", "1"]),
    ("x - y", ["1", "−1"]),
    ("x*y", ["1·0.7", "1·0.6"]),
    ("x/y", ["1 / 0.7", "−1·0.8571 / 0.7"]),
    ("x**y", ["1 · 0.7·0.6^(−0.3)", "1 · 0.6994·log 0.6"]),
    ("x**3", ["1 · 3·0.6²"]),
    ("x**-1", ["1 · (−1)·0.6⁻²"]),
    ("x**0.5", ["1 · 0.5·0.6^(−0.5)"]),
    ("-x", ["−1"]),
    ("exp(x)", ["1 · 1.82"]),
    ("log(x)", ["1 / 0.6"]),
    ("sqrt(x)", ["1 / (2·0.7746)"]),
    ("tanh(x)", ["1 · (1 − 0.537²)"]),
    ("sigmoid(x)", ["1 · 0.6457·(1 − 0.6457)"]),
    ("relu(x)", ["1 where 0.6 > 0"]),
    ("abs(x)", ["1 · sign(0.6)"]),
    ("clip(x, 0, 1)", ["1 where 0 <= 0.6 <= 1"]),
    ("leaky_relu(x, 0.1)", ["1 where 0.6 > 0, else 0.1·1"]),
    ("mse(x, -1)", ["1 · 2 (0.6 − (−1)) / 1"]),
    ("huber(x, 0)", ["1 · clip(0.6 − 0, ±1) / 1"]),
    ("huber(x, -2)", ["1 · clip(0.6 − (−2), ±1) / 1"]),
    ("huber(x, 3, 0.5)", ["1 · clip(0.6 − 3, ±0.5) / 1"]),
    ("binary_cross_entropy(x, 1)", ["1 · (sigmoid(0.6) − 1) / 1"]),
    ("mean(x)", ["1 / 1, copied along the axis"]),
    ("maximum(x, y)", ["1 where 0.6 > 0.7, ½·1 where 0.6 = 0.7", "1 where 0.7 > 0.6, ½·1 where 0.7 = 0.6"]),
]


@pytest.mark.parametrize(("text", "filled"), SCALAR_RULES)
def test_rules_filled_in(text, filled):
    lesson = Lesson(f"{text} with x=0.6" + (", y=0.7" if re.search(r"\by\b", text) else ""))
    lesson.to_end()
    lesson.forward()
    lines = [line.text.strip().removeprefix("= ") for line in explain(lesson) if line.look == "numbers"]
    assert [line.partition("  =  ")[0] for line in lines] == filled
    for line, share in zip(lines, lesson.application.contributions, strict=True):
        worth = arithmetic(line.partition("  =  ")[0])
        assert worth is None or worth == pytest.approx(share.amount.item(), rel=5e-3)


def arithmetic(text):
    """What a filled-in rule comes to, where it is arithmetic and no sentence."""
    if "where" in text:
        return None
    text = text.removesuffix(", copied along the axis").replace("2 (", "2·(").replace("±", "")
    python = text.replace("−", "-").replace("·", "*").replace("²", "**2").replace("⁻**2", "**-2").replace("^", "**")
    python = re.sub(r"log (\S+)", r"log(\1)", python)
    rules = {"clip": lambda x, most: np.clip(x, -most, most), "sigmoid": lambda x: 1 / (1 + math.exp(-x))}
    return eval(python, {"log": math.log, "sign": np.sign, **rules})


FILLED = [
    ("mse(x, [1, 2]) with x=[3, 1]", "mse(x, [1 2])", "∂v1 · 2 (x − [1 2]) / 2", "1 · 2 ([3 1] − [1 2]) / 2"),
    ("mse(x, t), x=[3, 1] given t=[1, 2]", "mse(x, t)", "∂v1 · 2 (x − t) / 2", "1 · 2 ([3 1] − [1 2]) / 2"),
    ("huber(x, t, 5), x=3 given t=0", "huber(x, t, 5)", "∂v1 · clip(x − t, ±5) / 1", "1 · clip(3 − 0, ±5) / 1"),
    (
        "cross_entropy(x, 1) with x=[2, 2]",
        *("cross_entropy(x, 1)", "∂v1 · (softmax(x) − 1 at class 1) / 1", "1 · ([0.5 0.5] − 1 at class 1) / 1"),
    ),
    (
        "cross_entropy(x, c) with x=[2, 2; 0, 0] given c=[0, 1]",
        *("cross_entropy(x, c)", "∂v1 · (softmax(x) − 1 at c) / 2"),
        "1 · ([0.5 0.5; 0.5 0.5] − 1 at class [0 1]) / 2",
    ),
    ("mean(x) with x=[1, 3]", "mean(x)", "∂v1 / 2, copied along the axis", "1 / 2, copied along the axis"),
    ("var(x) with x=[1, 3]", "var(x)", "∂v1 · 2 (x − mean(x)) / (2 − 0)", "1 · 2 ([1 3] − 2) / (2 − 0)"),
    ("x[1:2, 0][0] with x=[1; 3]", "v1[0]", "∂v2 at [0], 0 elsewhere", "1 at [0], 0 elsewhere"),
]


@pytest.mark.parametrize(("text", "made", "rule", "numbers"), FILLED)
def test_losses_and_reductions_filled_in(text, made, rule, numbers):
    lesson = Lesson(text)
    lesson.to_end()
    assert operation_text(lesson.recording, lesson.recording.result) == made
    lesson.forward()
    lines = [line.text.partition(" = ")[2].strip() for line in explain(lesson)]
    assert rule in lines
    assert numbers in [line.partition("  =  ")[0] for line in lines]


def test_a_change_of_what_is_aimed_at_is_filled_in():
    lesson = Lesson("mse(x, t), x=3 given t=0")
    lesson.change("t", "2")
    lesson.forward()
    assert "   = mse(3, 2)" in [line.text for line in explain(lesson)]


@pytest.mark.parametrize("text", EVERY_OPERATION)
def test_no_letter_of_a_rule_is_left(text):
    lesson = Lesson(text)
    while lesson.forward():
        for line in explain(lesson):
            if line.look == "numbers":
                assert not re.search(r"\b([gpncab]|mean|ddof|index|target|delta|logits)\b(?!\()|ʸ|ᶜ|ᵇ", line.text), line


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_every_step_of_every_example_is_explained(example):
    lesson = Lesson(example.text)
    while lesson.forward():
        lines = explain(lesson)
        assert lines
        assert all(line.text.strip() and "\n" not in line.text for line in lines)
        assert not any(re.search(r"\b[gxy]\b|\bd[abx]\b", line.text) for line in lines if line.look == "numbers")


def test_operations_in_the_names_of_their_inputs():
    recording = record(program("sum(-m.T[0, :1] @ m[0:1]) + clip(x, 0, 1)**0.5 + sum(m, 1)[0], x=0.5, m=[1, 2; 3, 4]"))
    found = [operation_text(recording, recording.nodes[i]) for i in recording.forward]
    assert found == [
        *("mᵀ", "v1[0, :1]", "−v2", "m[0:1]", "v3 @ v4", "sum(v5)"),
        *("clip(x, 0, 1)", "v7^0.5", "v6 + v8", "sum(m, 1)", "v10[0]", "v9 + v11"),
    ]


@pytest.mark.parametrize(
    ("value", "room", "text"),
    [
        (np.array(2.0), 3, "2"),
        (np.array([1.0, -2]), 20, "[1 −2]"),
        (np.array([[1.0, 2], [3, 4]]), 20, "[1 2; 3 4]"),
        (np.arange(50.0), 20, "50: 0 … 49"),
        (np.arange(50.0), 4, "[50]"),
        (np.array([0.12345, -1234.5]), 14, "[0.12 −1200]"),
        (np.full((10, 20), np.nan), 20, "10x20: nan"),
        (np.array([np.nan, np.inf]), 20, "[nan ∞]"),
        (np.array([np.inf] * 30), 20, "30: ∞"),
    ],
)
def test_arrays_in_little_room(value, room, text):
    assert array_text(value, room) == text
