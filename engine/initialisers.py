"""Initial weights [I, O]: keep the variance of signals and gradients alive through the layers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.operations import Array

Initialiser = Callable[[int, int, np.random.Generator], Array]


def xavier(gain: float = 1.0) -> Initialiser:
    """Uniform in ±gain·√(6 / (I + O)): variance kept on average forward and backward.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
    """

    def initialise(inputs: int, outputs: int, rng: np.random.Generator) -> Array:
        limit = gain * math.sqrt(6 / (inputs + outputs))
        return rng.uniform(-limit, limit, (inputs, outputs))

    return initialise


def kaiming(gain: float = math.sqrt(2)) -> Initialiser:
    """Normal with deviation gain/√I: variance kept forward; √2 makes up for the half that relu cuts off.

    Source: He, Zhang, Ren and Sun, "Delving Deep into Rectifiers" (2015).
    """

    def initialise(inputs: int, outputs: int, rng: np.random.Generator) -> Array:
        return rng.standard_normal((inputs, outputs)) * (gain / math.sqrt(inputs))

    return initialise


def orthogonal(gain: float = 1.0) -> Initialiser:
    """gain times a random matrix with orthonormal columns (rows when O > I): every length is kept.

    Source: Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks" (2014).
    """

    def initialise(inputs: int, outputs: int, rng: np.random.Generator) -> Array:
        tall = rng.standard_normal((max(inputs, outputs), min(inputs, outputs)))
        q, r = np.linalg.qr(tall)
        q *= np.sign(np.diag(r))  # without this the rotations are not uniformly distributed
        return gain * (q if inputs >= outputs else q.T)

    return initialise
