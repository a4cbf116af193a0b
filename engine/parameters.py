"""All parameters of one optimiser as a single vector, and all their gradients as another.

Adam, clipping and norms are then a few operations on one long array, and a target network or a checkpoint is
one copy.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from engine.memory import aligned
from engine.operations import Array
from engine.tensor import Tensor


class ParameterVector:
    """Move the values of the tensors into one flat array and let the tensors be views of it.

    `values` [N]: write into it to change the parameters; it is never replaced. `gradients` [N]: see below.
    Raises ValueError unless the tensors are distinct leaves with requires_grad, of one precision, and in no
    other vector yet.
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self.parameters = tuple(parameters)
        _check(self.parameters)
        size, dtype = sum(parameter.size for parameter in self.parameters), self.parameters[0].dtype
        self.values, self._gradients = aligned(size, dtype), aligned(size, dtype)
        self._buffers = []
        start = 0
        for parameter in self.parameters:
            shape, part = parameter.shape, slice(start, start + parameter.size)
            buffer = self._gradients[part].reshape(shape)
            values = self.values[part].reshape(shape)
            values[...] = parameter.data
            parameter.data = values
            parameter.grad, parameter._gradient_buffer = None, buffer
            self._buffers.append((parameter, buffer))
            start = part.stop

    @property
    def gradients(self) -> Array:
        """The flat gradient [N]; a parameter that no backward pass reached counts as zero."""
        self.collect_gradients()
        return self._gradients

    def collect_gradients(self) -> None:
        """Make the flat gradient hold what the tensors hold: backward passes write into it by themselves."""
        for parameter, buffer in self._buffers:
            if parameter.grad is not buffer:
                buffer[...] = 0 if parameter.grad is None else parameter.grad

    def zero_grad(self) -> None:
        """Forget the gradients: the next backward pass writes over them."""
        for parameter in self.parameters:
            parameter.grad = None

    def clip_norm(self, maximum: float) -> float:
        """Scale the gradients so that ‖g‖ <= maximum, and return ‖g‖ as it was.

        Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013).
        """
        gradients = self.gradients
        norm = math.sqrt(gradients.dot(gradients))
        if norm > maximum:
            gradients *= maximum / norm
        return norm


def _check(parameters: tuple[Tensor, ...]) -> None:
    if not parameters:
        raise ValueError("a parameter vector needs at least one tensor")
    if len({id(parameter) for parameter in parameters}) < len(parameters):
        raise ValueError("a tensor is given twice")
    if len({parameter.dtype for parameter in parameters}) > 1:
        raise ValueError("parameters of one vector need one precision, got float32 and float64")
    for parameter in parameters:
        if parameter.operation is not None or not parameter.requires_grad:
            raise ValueError("a parameter is a tensor made with requires_grad=True, not the result of an operation")
        if parameter._gradient_buffer is not None:
            raise ValueError("a tensor already belongs to another parameter vector")
