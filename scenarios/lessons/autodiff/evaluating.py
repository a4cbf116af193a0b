"""Computing an expression with the engine's own tensors: the tape records what any program would have recorded."""

from __future__ import annotations

import ast
import difflib
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.operations import Array
from engine.tensor import Tensor
from scenarios.lessons.autodiff.functions import FUNCTIONS, Value, arguments_of, as_tensor
from scenarios.lessons.autodiff.reading import Definition, ExpressionError, Formula, Reading

MOST_OPERATIONS = 100
MOST_ELEMENTS = 1024  # of an array
DEEPEST = 120  # levels of all trees that are walked at once

_BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.Pow: ("**", operator.pow),
    ast.MatMult: ("@", operator.matmul),
}
_FIRST = ("exp", "log", "tanh", "relu", "sum", "mean", "softmax")  # what is named where a function is unknown
Span = tuple[int, int]  # the first character in the text, and the one behind the last


@dataclass(frozen=True, eq=False)
class Told:
    """What a loss was told besides its input: what it aims at, or a plain number."""

    name: str  # nothing where it has none
    value: Array


class Evaluation:
    """One evaluation of a reading. `values` take the place of the values that stand in the text.

    Afterwards `named` has the tensor of every name, `leaves` the variables and what is given; `spans` has the place
    in the text of every tensor by its creation number, `told` what a loss was told. Raises ExpressionError for what
    cannot be computed.
    """

    def __init__(self, reading: Reading, values: Mapping[str, Array]) -> None:
        self._definitions = {definition.name: definition for definition in reading.definitions}
        self._values = values
        self._under_way: list[str] = []
        self._operations = 0
        self.level = 0
        self.named: dict[str, Tensor] = {}
        self.leaves: dict[str, Tensor] = {}
        self.spans: dict[int, Span] = {}
        self.told: dict[int, tuple[Told, ...]] = {}
        with np.errstate(all="ignore"):
            self.result = as_tensor(self._formula(reading.formula))

    def _formula(self, formula: Formula) -> Value:
        return _Walk(self, formula).value(formula.tree)

    def name(self, name: str, place: int) -> Tensor:
        """The tensor of a name: a leaf, or what it was computed to be."""
        if name in self.named:
            return self.named[name]
        definition = self._definitions.get(name)
        if definition is None:
            if name in FUNCTIONS:
                raise ExpressionError(f"{name} is a function: call it as {FUNCTIONS[name].usage}", place)
            raise ExpressionError(f"{name[:20]} has no value: add {name[:20]}=1, say, at the end", place)
        if name in self._under_way:
            raise ExpressionError(f"{name[:20]} is defined by itself", definition.place)
        self._under_way.append(name)
        self.named[name] = found = self._define(definition)
        self._under_way.pop()
        return found

    def _define(self, definition: Definition) -> Tensor:
        name, formula = definition.name, definition.formula
        if name not in self._values and is_computed(definition):
            return as_tensor(self._formula(formula))
        given = self._values.get(name)
        data = as_tensor(self._formula(formula)).data if given is None else given
        tensor = Tensor(np.array(data, np.float64), requires_grad=not definition.given, dtype=np.float64)
        self.leaves[name] = tensor
        self.spans[tensor.number] = (definition.place, definition.place + len(name))
        return tensor

    def made(self, value: Value, span: Span) -> Value:
        """Look at a value that was just computed, and note where it stands in the text."""
        if isinstance(value, Tensor):
            self._operations += value.operation is not None
            if self._operations > MOST_OPERATIONS:
                raise ExpressionError(f"an expression has at most {MOST_OPERATIONS} operations", span[0])
            if not 0 < value.size <= MOST_ELEMENTS:
                shape = shape_text(value.shape)
                raise ExpressionError(f"arrays have 1 to {MOST_ELEMENTS} entries, this one would be {shape}", span[0])
            self.spans.setdefault(value.number, span)
        return value


def is_computed(definition: Definition) -> bool:
    """Whether a name stands for an expression of other names, and not for a value."""
    return bool(names_in(definition.formula))


def names_in(formula: Formula) -> list[ast.Name]:
    """The names in a formula that are not of a function that it calls."""
    nodes = list(ast.walk(formula.tree))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    return [node for node in nodes if isinstance(node, ast.Name) and id(node) not in called]


def shape_text(shape: Sequence[int]) -> str:
    """A shape in words: a number, 1 entry, 3 entries, 2x3."""
    if not shape:
        return "a number"
    if len(shape) == 1:
        return "1 entry" if shape[0] == 1 else f"{shape[0]} entries"
    return "x".join(map(str, shape))


class _Walk:
    """Walks the tree of one formula; a kind of node that is not here is refused."""

    def __init__(self, evaluation: Evaluation, formula: Formula) -> None:
        self.evaluation, self.formula = evaluation, formula

    def value(self, node: ast.expr) -> Value:
        """The value of a part of the tree."""
        span = self.formula.span(node)
        self.evaluation.level += 1
        if self.evaluation.level > DEEPEST:
            raise ExpressionError("this is too deep: use fewer levels", span[0])
        found = self._value(node, span)
        self.evaluation.level -= 1
        return self.evaluation.made(found, span)

    def _value(self, node: ast.expr, span: Span) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return self._constant(number, span[0])
            case ast.Name(id=name):
                return self.evaluation.name(name, span[0])
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return self._binary(self.value(left), op, self.value(right), span)
            case ast.List():
                return self._list(node)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments, span)
            case ast.Attribute(value=of, attr="T"):
                return as_tensor(self.value(of)).T
            case ast.Subscript(value=of, slice=index):
                return self._part(as_tensor(self.value(of)), index, span)
        raise self._refused(node, span)

    def _refused(self, node: ast.expr, span: Span) -> ExpressionError:
        match node:
            case ast.Call(func=ast.Constant()) | ast.Call(func=ast.BinOp()) | ast.Call(func=ast.Call()):
                return ExpressionError("for a product write * before the bracket", span[0])
            case ast.Call():
                return ExpressionError("functions take what they need in order, as in clip(x, 0, 1)", span[0])
            case ast.Compare() | ast.BoolOp() | ast.IfExp():
                return ExpressionError("comparisons have no derivative: use relu, abs, maximum or clip", span[0])
            case ast.Tuple(elts=[_, ast.Name(id=name) as second, *_]):
                return ExpressionError(
                    f"{name[:20]} wants a value here, as in {name[:20]}=2", self.formula.span(second)[0]
                )
            case ast.Tuple():
                return ExpressionError("there are several expressions here: write one, and values as x=2", span[0])
            case ast.Attribute():
                return ExpressionError("a dot is a decimal point, or .T for the transposed array", span[0])
        return ExpressionError("this is not among + - * / ** @, numbers, names, lists and the functions", span[0])

    def _constant(self, number: int | float, place: int) -> float:
        try:
            found = float(number)
        except OverflowError:
            found = math.inf
        if not math.isfinite(found):
            raise ExpressionError("this number is too large: the largest is about 1e308", place)
        return found

    def _binary(self, left: Value, op: ast.operator, right: Value, span: Span) -> Value:
        sign, operate = _BINARY[type(op)]
        try:
            found: Value = operate(left, right)
        except (ArithmeticError, ValueError, TypeError):
            if isinstance(left, float) and isinstance(right, float):
                raise ExpressionError(f"{left:g} {sign} {right:g} is no number", span[0]) from None
            shapes = " and ".join(shape_text(as_tensor(value).shape) for value in (left, right))
            raise ExpressionError(f"{sign} cannot take {shapes}", span[0]) from None
        if isinstance(found, complex) or (isinstance(found, float) and not math.isfinite(found)):
            raise ExpressionError(f"{left:g} {sign} {right:g} is no real number", span[0])
        return found

    def _call(self, name: str, arguments: Sequence[ast.expr], span: Span) -> Tensor:
        function = FUNCTIONS.get(name)
        if function is None:
            near = difflib.get_close_matches(name[:20], FUNCTIONS, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_FIRST)} ... (? lists them)"
            raise ExpressionError(f"there is no function {name[:20]}: {hint}", span[0])
        values = [self.value(argument) for argument in arguments]
        try:
            taken = arguments_of(function, values)
            found = function.call(*taken)
        except (ArithmeticError, ValueError, TypeError, IndexError) as error:
            raise ExpressionError(f"{name}: {error}", span[0]) from None
        if function.constants:
            names = [node.id if isinstance(node, ast.Name) else "" for node in arguments[1:]]
            told = zip(names, taken[1:], strict=True)
            self.evaluation.told[found.number] = tuple(Told(name, np.asarray(value)) for name, value in told)
        return found

    def _list(self, node: ast.List) -> Tensor:
        entries = [self._entry(entry) for entry in node.elts]
        lengths = {np.shape(entry) for entry in entries}
        if len(lengths) != 1:
            what = "rows of one length" if lengths else "at least one number"
            raise ExpressionError(f"an array needs {what}", self.formula.span(node)[0])
        return Tensor(np.array(entries), dtype=np.float64)

    def _entry(self, node: ast.expr) -> Array | float:
        value = self._list(node) if isinstance(node, ast.List) else self.value(node)
        if isinstance(value, Tensor) and (value.requires_grad or not isinstance(node, ast.List)):
            raise ExpressionError("a list holds numbers; stack(x, y) joins variables", self.formula.span(node)[0])
        return value.data if isinstance(value, Tensor) else value

    def _part(self, of: Tensor, index: ast.expr, span: Span) -> Tensor:
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        wanted = tuple(self._index(part) for part in parts)
        try:
            return of[wanted if len(wanted) > 1 else wanted[0]]
        except (IndexError, ValueError, TypeError):
            raise ExpressionError(f"there is no such entry in {shape_text(of.shape)}", span[0]) from None

    def _index(self, node: ast.expr) -> int | slice:
        if isinstance(node, ast.Slice):
            ends = (None if end is None else self._whole(end) for end in (node.lower, node.upper, node.step))
            return slice(*ends)
        return self._whole(node)

    def _whole(self, node: ast.expr) -> int:
        value = self.value(node)
        if isinstance(value, Tensor) or not value.is_integer():
            raise ExpressionError("an index is a whole number, counted from 0", self.formula.span(node)[0])
        return int(value)
