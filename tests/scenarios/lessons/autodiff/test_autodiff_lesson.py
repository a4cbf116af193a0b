"""The recording is the tape's own pass; time goes forward and back exactly; the check finds what is wrong."""

from itertools import pairwise

import numpy as np
import pytest

from engine.gradcheck import gradcheck
from engine.operations import unary
from scenarios.lessons.autodiff.checking import check, summary
from scenarios.lessons.autodiff.evaluating import Evaluation
from scenarios.lessons.autodiff.examples import EXAMPLES
from scenarios.lessons.autodiff.lesson import Lesson
from scenarios.lessons.autodiff.reading import ExpressionError
from scenarios.lessons.autodiff.recording import program, record

EVERY_OPERATION = (
    "sigmoid(x)*sqrt(y) + x**-0.5 + 2**x/y + maximum(x, y) + minimum(x, y) + clip(x, 0, 1) + abs(-x) + y**x + exp(x) "
    "+ leaky_relu(x, 0.1) + log(y) - softplus(x) + tanh(x) + relu(x), x=0.6, y=1.5",
    "softmax(z)[1] + sum(z.T*z) + mean(concatenate(z, z)) + log_softmax(z)[0] + logsumexp(z) + var(z) + max(z) "
    "+ min(z) + sum(stack(z, 2*z)) + sum(reshape(z, 3, 1)**2) + sum(transpose(z) * z), z=[1, 2, -0.5]",
    "mse(z, [1, 0, 2]) + huber(2*z, t, 0.5) + binary_cross_entropy(z, [1, 0, 1]) + cross_entropy(z, 2) "
    "with z=[1, 2, -0.5] given t=[0, 0, 9]",
    "sum(mean(w, 0)*v) + sum(max(w, 1)) + sum((w@v)**2) + sum(v@w.T), w=[1, 2, 3; 4, 5, 7], v=[0.5, -1, 2]",
)
TEXTS = [example.text for example in EXAMPLES] + list(EVERY_OPERATION)


@pytest.mark.parametrize("text", TEXTS)
def test_gradients_are_those_of_a_plain_backward(text):
    made = program(text)
    recording = record(made)
    evaluation = Evaluation(made.reading, {})
    evaluation.result.backward()
    assert recording.loss == evaluation.result.item()
    assert len(recording.variables) == sum(leaf.requires_grad for leaf in evaluation.leaves.values())
    for node in recording.variables:
        np.testing.assert_array_equal(recording.gradient(node.index), evaluation.leaves[node.name].grad, strict=True)


@pytest.mark.parametrize("text", TEXTS)
def test_gradients_are_those_of_finite_differences(text):
    made = program(text)
    found = check(made, record(made))
    assert {one.verdict for one in found} == {"agrees"}
    rng = np.random.default_rng(0)
    for one in found:
        direction = rng.standard_normal(one.by_tape.shape)
        up, down = (record(made, {one.name: made.values[one.name] + step * direction}).loss for step in (1e-6, -1e-6))
        assert (up - down) / 2e-6 == pytest.approx((one.by_tape * direction).sum(), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("text", TEXTS)
def test_every_node_gets_the_sum_of_its_shares_before_it_hands_anything_on(text):
    recording = record(program(text))
    sums = {recording.result.index: np.ones(recording.result.value.shape)}
    for application in recording.backward:
        np.testing.assert_array_equal(application.gradient, sums.pop(application.node))
        for share in application.contributions:
            before = sums.get(share.to)
            assert (share.before is None) == (before is None)
            sums[share.to] = share.amount if before is None else before + share.amount
            np.testing.assert_allclose(share.after, sums[share.to], rtol=1e-15)
            assert recording.nodes[application.node].inputs[share.part] == share.to
    assert sums.keys() == {node.index for node in recording.variables}


def test_the_diamond_on_paper():
    """L = h² + 3h with h = 2x at x = 1: ∂h = 3 + h + h = 7, ∂x = 14."""
    lesson = Lesson("h*h + 3*h with h=2*x, x=1")
    recording = lesson.recording
    assert [recording.nodes[i].operation.name for i in recording.forward] == ["mul", "mul", "mul", "add"]
    h = next(node for node in recording.nodes if node.name == "h")
    sums = [share.after.item() for a in recording.backward for share in a.contributions if share.to == h.index]
    assert sums == [3, 5, 7]
    assert recording.gradient(recording.variables[0].index) == 14


def test_a_local_derivative_is_the_rule_with_one_from_above():
    recording = record(program("(a*b + c)**2 with a=2, b=-3, c=10"))
    locals_ = {recording.nodes[s.to].name: s.local.item() for a in recording.backward for s in a.contributions}
    assert locals_ == {"v2": 8, "v1": 1, "c": 1, "a": -3, "b": 2}


def seen(lesson):
    """All that there is to see at a moment."""
    nodes = range(len(lesson.recording.nodes))
    gradients = [None if (g := lesson.gradient(n)) is None else g.tolist() for n in nodes]
    values = [lesson.has_value(n) for n in nodes]
    return lesson.epoch, lesson.position, lesson.phase, lesson.current, values, gradients


@pytest.mark.parametrize("text", TEXTS)
def test_back_is_exactly_what_forward_was(text):
    lesson = Lesson(text)
    lesson.rate = 1e-3
    lesson.descend()
    lesson.epoch = lesson.position = 0
    moments = [seen(lesson)]
    while lesson.forward():
        moments.append(seen(lesson))
    assert len(moments) == 2 * (1 + lesson.length)
    assert len({str(moment) for moment in moments}) == len(moments)
    for moment in reversed(moments):
        assert seen(lesson) == moment
        went = lesson.back()
    assert not went


def test_values_and_gradients_appear_one_by_one():
    lesson = Lesson("(a*b + c)**2 with a=2, b=-3, c=10")
    assert [lesson.has_value(n) for n in range(6)] == [True, True, True, False, False, False]
    lesson.forward()
    assert (lesson.phase, lesson.current, lesson.has_value(3), lesson.has_value(4)) == ("forward", 3, True, False)
    lesson.to_end()
    assert lesson.position == 3
    assert lesson.gradient(5) == 1  # where the way back begins
    assert lesson.gradient(4) is None
    lesson.forward()
    assert (lesson.phase, lesson.current, lesson.gradient(4)) == ("backward", 5, 8)
    lesson.to_end()
    assert lesson.position == lesson.length == 6
    assert [float(lesson.gradient(n)) for n in range(3)] == [-24, 16, 8]
    assert not lesson.to_end()
    lesson.to_start()
    assert lesson.position == 3
    lesson.to_start()
    assert lesson.position == 0
    assert not lesson.to_start()


def test_steps_down_the_gradient_lower_the_loss_and_are_taken_back():
    lesson = Lesson("mean((w*x + b - y)**2) with w=0, b=0 given x=[0, 1, 2, 3], y=[1, 3, 5, 7]")
    losses = [lesson.recording.loss]
    for _ in range(120):
        lesson.descend()
        losses.append(lesson.recording.loss)
    assert all(later < earlier for earlier, later in pairwise(losses))
    assert lesson.recording.values["w"] == pytest.approx(2, abs=0.01)
    assert lesson.recording.values["b"] == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(lesson.recording.values["y"], [1, 3, 5, 7])  # what is given stays
    lesson.undo()
    assert lesson.recording.loss == losses[-2]
    lesson.restart()
    assert lesson.recording.loss == losses[0]
    assert not lesson.undo()


def test_the_first_step_on_paper():
    """x² at 3 with η = 0.1: 3 − 0.1·6 = 2.4."""
    lesson = Lesson("x**2, x=3")
    lesson.descend()
    assert lesson.recording.values["x"] == pytest.approx(2.4)
    assert (lesson.position, lesson.phase) == (lesson.length, "backward")
    assert lesson.text == "x**2 with x=2.4"
    for _ in range(lesson.length + 1):
        lesson.back()
    assert (lesson.epoch, lesson.recording.values["x"]) == (0, 3)


def test_what_is_not_finite_is_not_followed():
    for text, sentence in (
        ("sqrt(x), x=0", "∂/∂x is not finite"),
        ("log(x), x=0", "the result is −∞, not finite"),
        ("log(x), x=-1", "the result is nan, not finite"),  # though its rule gives −1
    ):
        lesson = Lesson(text)
        with pytest.raises(ValueError, match=sentence):
            lesson.descend()
        assert len(lesson.epochs) == 1


def test_values_are_changed_in_their_shape():
    lesson = Lesson("sum(w**2) + b given w=[1, 2] with b=1")
    lesson.change("w", "[3, 4]")
    assert (lesson.recording.loss, lesson.position, lesson.epoch) == (26, 0, 1)
    lesson.change("b", "1/2")
    assert lesson.recording.loss == 25.5
    with pytest.raises(ValueError, match="w must stay 2, got 3"):
        lesson.change("w", "[1, 2, 3]")
    with pytest.raises(ExpressionError):
        lesson.change("w", "[1, 2")
    assert lesson.recording.loss == 25.5


@pytest.mark.parametrize(
    ("text", "place"),
    [("y", 0), ("y, y=1", 0), ("x, x=1", 0), ("2*y with y=3", 2), ("1/value", 2), ("[1, w]", 4), ("2, y=1", 3)],
)
def test_a_value_has_no_names(text, place):
    lesson = Lesson("x**2 with x=3")
    with pytest.raises(ExpressionError, match="a number or an array is wanted here") as error:
        lesson.change("x", text)
    assert error.value.place == place
    assert len(lesson.epochs) == 1
    lesson.change("x", "2*exp(0)")
    assert lesson.recording.loss == 4


def test_a_kink_is_seen():
    made = program("relu(x) + x**2, x=0")
    (one,) = check(made, record(made))
    assert one.verdict == "kink"
    assert not one.agrees  # the tape says 0, the middle of 0 and 1 is a half
    assert (one.by_tape, one.by_difference) == (0, pytest.approx(0.5))


VERDICTS = {
    "agrees": [
        *("log(x) with x=0.0001", "1/x with x=0.0001", "1/x with x=1e-7", "sqrt(x) with x=1e-6", "log(x), x=1e-20"),
        *("(a-b)**2 with a=1e6, b=1e6", "1e8*x**2 + 1, x=0", "exp(20*x), x=1", "x**10, x=50", "0*x, x=3"),
        *("relu(x), x=1e-7", "relu(x), x=-1e-12", "relu(x - 1e10), x=1", "softplus(1e9*x), x=0", "x*abs(x), x=0"),
        "1/(x - 1e-7), x=0",
        *("huber(x, 0, 1), x=1", "huber(x, 0, 1), x=-1"),  # its slope goes on across its edge
    ],
    "middle": [
        *("abs(x), x=0", "abs(x - 1e6), x=1e6", "maximum(a, b), a=1, b=1", "max(z), z=[1, 1]"),
        *("maximum(a, b) + 1e3, a=2, b=2", "sum(max(m, 1)), m=[1, 1; 2, 3]"),
    ],
    "kink": [
        *("2*relu(x), x=0", "relu(x) + x**2, x=0", "relu(x) + 1e6*x**2, x=0", "relu(x) + 1e5, x=0", "relu(x-1), x=1"),
        *("relu(x + 1000 - 1000), x=0", "leaky_relu(x, 0.1), x=0", "clip(x, 0, 1), x=0", "clip(x, 0, 1), x=1"),
        *("min(z), z=[1, 1, 1]", "sum(abs(x)) + sum(relu(x)), x=[0, 0, 1]"),
    ],
    "digits": ["x + 1e10 with x=1", "(x + 1e10) - 1e10 with x=1", "relu(x) + 1e10, x=0"],
    "nothing": ["log(x), x=-1", "log(x), x=0", "sqrt(x), x=0"],
}


@pytest.mark.parametrize(("verdict", "text"), [(verdict, text) for verdict in VERDICTS for text in VERDICTS[verdict]])
def test_a_curve_a_kink_and_rounding_are_told_apart(verdict, text):
    made = program(text)
    assert {one.verdict for one in check(made, record(made))} == {verdict}


def test_a_summary_is_of_the_worst():
    made = program("relu(x) + abs(y) + z with x=0, y=0, z=1")
    assert summary(check(made, record(made))) == "x: at a kink the slope is another on each side"


def test_a_wrong_rule_is_found(monkeypatch):
    monkeypatch.setattr(unary.TANH, "derivative", lambda g, y, x: g * (1 - y))
    made = program("tanh(x)*y, x=0.5, y=2")
    wrong, right = check(made, record(made))
    assert (wrong.name, wrong.verdict, right.verdict) == ("x", "wrong", "agrees")
    with pytest.raises(AssertionError):
        gradcheck(lambda x: x.tanh(), 0.5)


def test_values_that_are_no_numbers_are_kept_as_they_are():
    recording = record(program("log(x)*y + 1/z, x=-1, y=2, z=0"))
    assert np.isnan(recording.loss)
    assert len(recording.backward) == 4
