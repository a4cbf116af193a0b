"""Optimisers on a flat parameter vector θ with gradient g, in order of increasing difficulty.

Every update is a few in-place operations on blocks that fit the cache.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.checks import load_arrays
from engine.memory import aligned
from engine.operations import Array
from engine.parameters import ParameterVector

BLOCK = 16384  # elements; five float32 blocks are 320 kB
NOTHING = 1e-30  # a memory below is forgotten
FORGETS_EVERY = 16  # steps


class Optimiser:
    """What all share: the vector, the learning rate (may change between steps), the number of steps, and
    memories of the length of θ, zero at first."""

    def __init__(self, parameters: ParameterVector, learning_rate: float, *memories: str) -> None:
        self.parameters, self.learning_rate, self.steps = parameters, learning_rate, 0
        _checked("learning_rate", learning_rate, math.inf)
        theta, gradients = parameters.values, parameters.gradients
        self.memories = {name: aligned(theta.size, theta.dtype) for name in memories}
        scratch = aligned(min(theta.size, BLOCK), theta.dtype)
        self._blocks = []
        for start in range(0, theta.size, BLOCK):
            part = slice(start, start + BLOCK)
            memory = [array[part] for array in self.memories.values()]
            self._blocks.append((theta[part], gradients[part], memory, scratch[: theta[part].size]))

    def step(self) -> None:
        """One step along the gradients of the parameter vector."""
        self.steps += 1
        self.parameters.collect_gradients()
        for block in self._blocks:
            self._update(*block)
        if self.steps % FORGETS_EVERY == 0:
            self._forget()

    def _forget(self) -> None:
        """Set to 0 what has faded away, as where a unit is dead and its gradient 0 for ever. Left to fade it becomes
        subnormal, and processors take a hundred times longer over such numbers."""
        for _, _, memories, scratch in self._blocks:
            for memory in memories:
                np.putmask(memory, np.abs(memory, out=scratch) < NOTHING, 0)

    def _update(self, theta: Array, g: Array, memories: list[Array], scratch: Array) -> None:
        """Update one block in place, given its part of everything and as much scratch space."""
        raise NotImplementedError

    def state(self) -> dict[str, Array]:
        """A copy of the memories and the number of steps."""
        return {"steps": np.array(self.steps), **{name: array.copy() for name, array in self.memories.items()}}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave; ValueError when names, shapes or dtypes differ or a value is not finite."""
        steps = np.array(self.steps)
        load_arrays({"steps": steps}, {"steps": state.get("steps")})
        if steps < 0:
            raise ValueError(f"stored steps must be >= 0, got {steps}")
        load_arrays({"steps": steps, **self.memories}, state)
        self.steps = int(steps)


class SGD(Optimiser):
    """v ← μ v + g, θ ← θ - α v; v is g itself without momentum.

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).
    """

    def __init__(self, parameters: ParameterVector, learning_rate: float, momentum: float = 0.0) -> None:
        self.momentum = _checked("momentum", momentum, 1)
        super().__init__(parameters, learning_rate, *(["velocity"] if momentum else []))

    def _update(self, theta: Array, g: Array, memories: list[Array], scratch: Array) -> None:
        for v in memories:
            v *= self.momentum
            v += g
            g = v
        theta -= np.multiply(g, self.learning_rate, out=scratch)


class RMSprop(Optimiser):
    """v ← ρ v + (1 - ρ) g², θ ← θ - α g / (√v + ε).

    Source: Tieleman and Hinton, "Lecture 6.5: rmsprop" (2012).
    """

    def __init__(
        self, parameters: ParameterVector, learning_rate: float, decay: float = 0.99, epsilon: float = 1e-8
    ) -> None:
        self.decay, self.epsilon = _checked("decay", decay, 1), _checked("epsilon", epsilon, math.inf)
        super().__init__(parameters, learning_rate, "mean_square")

    def _update(self, theta: Array, g: Array, memories: list[Array], scratch: Array) -> None:
        (v,) = memories
        np.multiply(g, g, out=scratch)
        scratch *= 1 - self.decay
        v *= self.decay
        v += scratch
        np.sqrt(v, out=scratch)
        scratch += self.epsilon
        np.divide(g, scratch, out=scratch)
        scratch *= self.learning_rate
        theta -= scratch


class Adam(Optimiser):
    """m ← β₁ m + (1 - β₁) g,  v ← β₂ v + (1 - β₂) g²,  θ ← θ - α m̂ / (√v̂ + ε), with m̂ = m / (1 - β₁ᵗ) and
    v̂ = v / (1 - β₂ᵗ).

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015).
    """

    def __init__(
        self,
        parameters: ParameterVector,
        learning_rate: float,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.beta1, self.beta2 = _checked("beta1", beta1, 1), _checked("beta2", beta2, 1)
        self.epsilon = _checked("epsilon", epsilon, math.inf)
        super().__init__(parameters, learning_rate, "first_sum", "second_sum")

    def _update(self, theta: Array, g: Array, memories: list[Array], scratch: Array) -> None:
        # The memories are sums, not averages: M = Σ β₁ᵏ g = m / (1 - β₁) and V = Σ β₂ᵏ g² = v / (1 - β₂). It
        # saves two passes, and √v̂ is √V times a number that can wait until the end.
        m_sum, v_sum = memories
        root = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.steps))  # √v̂ = root · √V
        rate = self.learning_rate * (1 - self.beta1) / (1 - self.beta1**self.steps)  # α m̂ = rate · M
        m_sum *= self.beta1
        m_sum += g
        v_sum *= self.beta2
        v_sum += np.multiply(g, g, out=scratch)
        np.sqrt(v_sum, out=scratch)
        scratch += self.epsilon / root
        np.divide(m_sum, scratch, out=scratch)
        scratch *= rate / root
        theta -= scratch


class AdamW(Adam):
    """Adam after θ ← θ - α λ θ: weight decay apart from the gradient, so the moments do not rescale it.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019).
    """

    def __init__(
        self,
        parameters: ParameterVector,
        learning_rate: float,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, learning_rate, beta1, beta2, epsilon)
        self.weight_decay = _checked("weight_decay", weight_decay, math.inf)

    def _update(self, theta: Array, g: Array, memories: list[Array], scratch: Array) -> None:
        theta *= 1 - self.learning_rate * self.weight_decay
        super()._update(theta, g, memories, scratch)


def _checked(name: str, value: float, below: float) -> float:
    if not 0 <= value < below:
        raise ValueError(f"{name} must be in [0, {below}), got {value}")
    return value
