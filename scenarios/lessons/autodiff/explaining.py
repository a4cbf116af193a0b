"""A step in words and numbers: what an operation computes, and its derivative rule, the engine's own, filled in.

∂a is short for the derivative of the result by a.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.operations import Array, Binary, Operation, Unary, fused
from scenarios.lessons.autodiff.evaluating import shape_text
from scenarios.lessons.autodiff.functions import FUNCTIONS
from scenarios.lessons.autodiff.lesson import Lesson
from scenarios.lessons.autodiff.recording import Contribution, Node, Recording
from scenarios.lessons.words import bracketed, number

ROOM = 24  # characters of an array inside a formula
DELTA = 1.0  # of `engine.losses.huber`, where it is told none
Look = Literal["heading", "formula", "numbers", "note"]

_SIGNS = {"add": " + ", "sub": " − ", "mul": "·", "div": " / ", "matmul": " @ ", "pow": "^"}
_CALLED = {"squared_error": "mse"}  # what a learner calls an operation, where the engine says it otherwise
_OPTIONS = {"power": ("c",), "leaky_relu": ("slope",), "clip": ("low", "high")}  # what rules call them
_GENERAL = {"neg": "-x", "power": "xᶜ", "pow": "aᵇ", "transpose": "xᵀ", "index": "x[index]"}  # in the rules' letters
_RULE = re.compile(r"d(?P<of>\w+) = (?P<rule>.*?)(?=, d\w+ = |; d\w+ likewise|$)")
_AT_INDEX = re.compile(r"dx\[(.*)\] \+= g")
_WORDS = ("slope", "low", "high", "index", "mean", "ddof", "target", "delta", "logits", "the class")
_SYMBOL = re.compile(rf"(?<![A-Za-z])({'|'.join(_WORDS)}|[gxyabcnp])(?![A-Za-z])([ᶜᵇ]⁻¹|²|ᵀ)?")
_DOUBLE = re.compile(r"\(\((−[^()]*)\)\)")
_RAISED = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")


@dataclass(frozen=True)
class Line:
    """A line of an explanation."""

    text: str
    look: Look = "numbers"
    aside: str = ""  # less important, on the same line


def operation_text(recording: Recording, node: Node) -> str:
    """What a node computes, in the names of its inputs: a·b, tanh(v1), v2²."""
    inputs = [recording.nodes[i] for i in node.inputs]
    names = [label(other) for other in inputs]
    if node.operation is None:
        return node.name
    name = node.operation.name
    if name in _SIGNS:
        return _signed(name, names, [label_inside(other) for other in inputs], _SIGNS[name])
    if name == "neg":
        return f"−{names[0]}"
    if name == "power":
        return names[0] + raised(node.saved[0])
    if name == "transpose":
        return f"{names[0]}ᵀ"
    if name == "index":
        return f"{names[0]}[{_index_text(node.saved[0])}]"
    told = [told.name or array_text(told.value, ROOM) for told in node.told]
    return f"{_CALLED.get(name, name)}({', '.join(names + told + _option_texts(node))})"


def _signed(name: str, bare: Sequence[str], inside: Sequence[str], sign: str) -> str:
    """Two texts with a sign between them: the first needs no brackets, unless it is raised to a power."""
    return sign.join([inside[0] if name == "pow" else bare[0], *inside[1:]])


def operation_sign(node: Node) -> str:
    """An operation in as few characters as say what it is: ·, @, ², tanh."""
    if node.operation is None:
        return ""
    name = node.operation.name
    short = {"neg": "−", "transpose": "ᵀ", "index": "[ ]"}
    if name == "power":
        return raised(node.saved[0])
    return short.get(name) or _SIGNS.get(name, _CALLED.get(name, name)).strip()


def _option_texts(node: Node) -> list[str]:
    """What an operation was told besides its inputs: bounds, a slope, an axis, a shape."""
    if not isinstance(node.operation, Unary):
        return []
    if node.operation.name in _OPTIONS:
        return [number(option) for option in node.saved]
    axis = node.saved[0] if node.saved else None
    if axis is None or (axis == -1 and node.value.ndim == 1):
        return []
    return [str(part) for part in (axis if isinstance(axis, tuple) else (axis,))]


def _index_text(index: object) -> str:
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(_slice_text(part) if isinstance(part, slice) else str(part) for part in parts)


def _slice_text(part: slice) -> str:
    ends = (part.start, part.stop) if part.step is None else (part.start, part.stop, part.step)
    return ":".join("" if end is None else str(end) for end in ends)


def label(node: Node) -> str:
    """What a node is called: its name, or the number that it is."""
    return node.name or array_text(node.value, ROOM)


def label_inside(node: Node) -> str:
    """What a node is called inside a formula: a negative number in brackets."""
    return node.name or (label(node) if node.value.ndim else bracketed(float(node.value)))


def raised(exponent: float) -> str:
    """An exponent: ², ⁻¹, ^0.5."""
    if exponent == int(exponent):
        return str(int(exponent)).translate(_RAISED)
    return f"^{bracketed(exponent)}"


def array_text(value: Array, room: int, *, shaped: bool = True) -> str:
    """A value in about so many characters: the number, the entries, fewer digits of them, or shape and range.

    Where the shape is known, not `shaped`, the range alone.
    """
    if value.ndim == 0:
        text = number(float(value))
        return text if len(text) <= room else _short(float(value))
    if value.size <= room:
        for written in (number, _short):
            text = _entries(value, written)
            if len(text) <= room:
                return text
    shape = "x".join(map(str, value.shape))
    finite = value[np.isfinite(value)]
    ends = [float(finite.min()), float(finite.max())] if len(finite) else [float(value.flat[0])]
    for written in (number, _short):
        text = f"{shape}: " * shaped + " … ".join(map(written, ends))
        if len(text) <= room:
            return text
    return f"[{shape}]"


def _short(value: float) -> str:
    """A number in two digits, or as many as it takes."""
    return number(float(f"{value:.2g}"))


def _entries(value: Array, written: Callable[[float], str] = number) -> str:
    if value.ndim == 1:
        return f"[{' '.join(written(float(x)) for x in value)}]"
    return f"[{'; '.join(_entries(row, written)[1:-1] for row in value)}]"


def in_formula(value: Array) -> str:
    """A value as it stands inside a formula: a number, the entries of a small array, or the shape."""
    if value.ndim == 0:
        return bracketed(float(value))
    for written in (number, _short):
        text = _entries(value, written) if value.size <= ROOM else ""
        if 0 < len(text) <= ROOM:
            return text
    return f"[{'x'.join(map(str, value.shape))}]"


# ---- forward ------------------------------------------------------------------------------------------


def explain(lesson: Lesson) -> list[Line]:
    """The step that was made last; nothing at the start."""
    recording = lesson.recording
    if lesson.current is None:
        return []
    if lesson.application is None:
        return _explain_forward(recording, recording.nodes[lesson.current])
    return _explain_backward(lesson)


def _explain_forward(recording: Recording, node: Node) -> list[Line]:
    lines = [Line(f"{node.name} = {operation_text(recording, node)}", "formula")]
    filled = _with_values(recording, node)
    result = array_text(node.value, 4 * ROOM)
    pad = " " * len(node.name)
    lines.append(Line(f"{pad} = {filled}" if filled else f"{pad} = {result}"))
    if filled:
        lines.append(Line(f"{pad} = {result}"))
    if node.value.ndim:
        lines.append(Line(f"{pad}   {shape_text(node.value.shape)}", "note"))
    return lines + (_warning(recording) if node is recording.result else [])


def _warning(recording: Recording) -> list[Line]:
    """What to make of gradients where the rules give some, but the result is no number."""
    if math.isfinite(recording.loss):
        return []
    return [Line(f"The result is {number(recording.loss)}: where it is not finite, a gradient says nothing.", "note")]


def _with_values(recording: Recording, node: Node) -> str:
    """What a node computes with the values in it; shapes for a matrix product."""
    operation, inputs = node.operation, [recording.nodes[i].value for i in node.inputs]
    if operation is None or operation.name in ("transpose", "index", "reshape"):
        return ""
    values = [in_formula(value) for value in inputs]
    bare = [re.sub(r"^\((.*)\)$", r"\1", value) for value in values]
    if operation.name in _SIGNS:
        return _signed(operation.name, bare, values, _SIGNS[operation.name].replace("·", " · "))
    if operation.name == "neg":
        return f"−{values[0]}"
    if operation.name == "power":
        return values[0] + raised(node.saved[0])
    told = [array_text(told.value, ROOM) for told in node.told]
    return f"{_CALLED.get(operation.name, operation.name)}({', '.join(bare + told + _option_texts(node))})"


# ---- backward -----------------------------------------------------------------------------------------


def rule_text(operation: Operation) -> str:
    """The rule of an operation, behind what its letters stand for: xᶜ: dx = g · c·xᶜ⁻¹."""
    name = operation.name
    if name in _GENERAL:
        general = _GENERAL[name]
    elif name in _SIGNS:
        general = _SIGNS[name].join("ab")
    else:
        general = FUNCTIONS[_CALLED.get(name, name)].usage
    return f"{general}: {operation.formula}"


def rule_of(operation: Operation, part: int) -> str:
    """The right side of the derivative rule of an operation by one of its inputs, as the engine writes it."""
    rules = {found["of"]: found["rule"] for found in _RULE.finditer(operation.formula)}
    if found := _AT_INDEX.match(operation.formula):
        return f"g at [{found[1]}], 0 elsewhere"
    symbol = symbols(operation)[part] if isinstance(operation, Unary | Binary) else ""
    if symbol in rules:
        return rules[symbol]
    if symbol == "b" and "a" in rules:  # "db likewise"
        return rules["a"].translate(str.maketrans("ab", "ba"))
    return next(iter(rules.values()), operation.formula)


def symbols(operation: Operation) -> tuple[str, ...]:
    """What the rules of an operation call its inputs; nothing where they have names of their own."""
    if isinstance(operation, Binary):
        return ("a", "b")
    if operation.formula.startswith("dlogits ="):
        return ("logits",)
    return ("x",) if isinstance(operation, Unary) or operation.formula.startswith("dx =") else ()


def _explain_backward(lesson: Lesson) -> list[Line]:
    recording, application = lesson.recording, lesson.application
    assert application is not None
    node = recording.nodes[application.node]
    operation = node.operation
    assert operation is not None
    lines = []
    if node is recording.result:
        lines.append(Line(f"∂{node.name} = 1: the result by itself. Here the way back begins.", "note"))
    else:
        lines.append(Line(f"∂{node.name} = {array_text(application.gradient, 4 * ROOM)} is complete.", "note"))
    aside = f"the rule of {rule_text(operation)}"
    lines.append(Line(f"{node.name} = {operation_text(recording, node)}", "heading", aside))
    for contribution in application.contributions:
        lines += _share(lesson, node, application.gradient, contribution)
    return lines + _warning(recording)


def _share(lesson: Lesson, node: Node, gradient: Array, contribution: Contribution) -> list[Line]:
    """What one input gets: the rule in names, in numbers, and the sum that it is added to."""
    recording, operation = lesson.recording, node.operation
    assert operation is not None
    to = recording.nodes[contribution.to]
    rule = rule_of(operation, contribution.part)
    names, values = _meanings(recording, node, gradient)
    d = f"∂{to.name}"
    sign = "+=" if contribution.before is not None else " ="
    pad = " " * (len(d) + 1)
    amount = array_text(contribution.amount, 2 * ROOM)
    lines = [Line(f"{d} {sign} {filled(rule, names)}", "formula")]
    numbers = _unbracketed(filled(rule, values))
    lines.append(Line(f"{pad} = {numbers}" + (f"  =  {amount}" if numbers != amount else "")))
    if contribution.amount.ndim == 0 and gradient.ndim == 0:
        local = f"∂{node.name}/∂{to.name} = {number(float(contribution.local))}"
        lines.append(Line(f"{pad}   from above {number(float(gradient))}, times the local {local}", "note"))
    elif isinstance(operation, Binary) and operation.name != "matmul" and to.value.shape != node.value.shape:
        lines.append(
            Line(f"{pad}   {to.name} was copied to {shape_text(node.value.shape)}: its shares are summed", "note")
        )
    if contribution.before is not None:
        before, after = in_formula(contribution.before), array_text(contribution.after, 2 * ROOM)
        lines.append(Line(f"{d}  = {_unbracketed(before)} + {in_formula(contribution.amount)}  =  {after}"))
    if not lesson.is_complete(to.index):
        lines.append(Line(f"{pad}   {to.name} is used elsewhere, too: more will be added", "note"))
    return lines


def _meanings(recording: Recording, node: Node, gradient: Array) -> tuple[dict[str, str], dict[str, str]]:
    """The letters of a rule as names, and as values."""
    operation = node.operation
    assert operation is not None
    names, values = {"g": f"∂{node.name}"}, {"g": in_formula(gradient)}
    for symbol, i in zip(symbols(operation), node.inputs, strict=False):
        names[symbol], values[symbol] = label_inside(recording.nodes[i]), in_formula(recording.nodes[i].value)
    if isinstance(operation, Unary | Binary):
        names["y"], values["y"] = node.name, in_formula(node.value)
    for symbol, (name, value) in _letters(recording, node).items():
        names[symbol], values[symbol] = name, value
    return names, values


def _letters(recording: Recording, node: Node) -> dict[str, tuple[str, str]]:
    """The letters of a rule that are neither inputs nor results, each as a name and as a value."""
    assert node.operation is not None
    x, name = recording.nodes[node.inputs[0]], node.operation.name
    if name in _OPTIONS:
        options = [bracketed(option) for option in node.saved]
        return {symbol: (option, option) for symbol, option in zip(_OPTIONS[name], options, strict=True)}
    if name == "index":
        return {"index": (_index_text(node.saved[0]),) * 2}
    if name in ("mean", "var"):
        count = number(x.value.size // node.value.size)
        mean = f"mean({', '.join([label(x), *_option_texts(node)])})"
        with np.errstate(all="ignore"):
            value = np.asarray(x.value.mean(node.saved[0]))
        return {"n": (count, count), "mean": (mean, in_formula(value)), "ddof": ("0", "0")}
    return _letters_of_loss(x, node) if node.told else {}


def _letters_of_loss(x: Node, node: Node) -> dict[str, tuple[str, str]]:
    """What a loss aims at, over how many entries it is a mean, and how far its slope goes."""
    target, *numbers = node.told
    if node.operation is fused.CROSS_ENTROPY:
        which = f"class {array_text(target.value, ROOM)}"
        count = number(target.value.size)
        p = f"softmax({label(x)})", in_formula(node.saved[0].T.reshape(x.value.shape))
        return {"n": (count, count), "the class": (target.name or which, which), "p": p}
    count = number(x.value.size)
    aim = in_formula(target.value)
    delta = number(float(numbers[0].value)) if numbers else number(DELTA)
    return {"n": (count, count), "target": (target.name or aim, aim), "delta": (delta, delta)}


def filled(rule: str, meanings: Mapping[str, str]) -> str:
    """A rule with something in place of its letters."""

    def put(found: re.Match[str]) -> str:
        letter, power = found[1], found[2] or ""
        meaning = meanings.get(letter, letter)
        if power[:1] in ("ᶜ", "ᵇ") and power:
            return meaning + _one_less(meanings.get({"ᶜ": "c", "ᵇ": "b"}[power[0]], power[0]))
        return meaning + power

    return _DOUBLE.sub(r"(\1)", _SYMBOL.sub(put, rule.replace("-", "−").replace("eʸ", "e^y")))


def _one_less(exponent: str) -> str:
    """The exponent of a power's derivative."""
    try:
        value = float(exponent.strip("()").replace("−", "-")) - 1
    except ValueError:
        return f"^({exponent} − 1)"
    return "" if value == 1 else raised(value)


def _unbracketed(text: str) -> str:
    """A formula whose first number needs no brackets."""
    return re.sub(r"^\((−[^()]*)\)(?![²ᵀ^⁰-⁹])", r"\1", text)
