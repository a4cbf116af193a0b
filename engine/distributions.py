"""Distributions over the last axis: what a network's output means when it is a choice or a measurement."""

from __future__ import annotations

import math

import numpy as np

from engine.checks import class_indices, constant
from engine.operations import Array, fused
from engine.tensor import Tensor, record


class Categorical:
    """p = softmax(logits) over A >= 1 classes; logits [..., A]. One softmax serves every method."""

    def __init__(self, logits: Tensor) -> None:
        if not logits.data.shape or not logits.data.shape[-1]:
            raise ValueError(f"logits of shape {logits.shape} have not at least one class on the last axis")
        self.logits = logits
        self._log_p, self._p = fused.log_softmax_columns(logits.data)  # [A, B]

    @property
    def probabilities(self) -> Array:
        """[..., A]."""
        return self._p.T.reshape(self.logits.shape)

    def log_prob(self, classes: Array) -> Tensor:
        """log p[class], [...], for integer classes [...]; ValueError out of range."""
        flat = class_indices(classes, self.logits)
        value = self._per_row(fused.CATEGORICAL_LOG_PROB.forward(self._log_p, flat))
        return record(fused.CATEGORICAL_LOG_PROB, value, (self.logits,), (self._p, flat))

    def mean_entropy(self) -> Tensor:
        """H = -Σ p log p, the mean over all rows: a scalar."""
        value, saved = fused.MEAN_ENTROPY.forward(self._log_p, self._p)
        return record(fused.MEAN_ENTROPY, value, (self.logits,), saved)

    def mode(self) -> Array:
        """The most probable class, [...]; the first of several."""
        return self._per_row(self._p.argmax(0))

    def quantile(self, u: Array) -> Array:
        """The inverse of the distribution function at u in (0, 1], [...]: the first class whose cumulated
        probability reaches u."""
        cumulated = np.cumsum(self._p, axis=0, dtype=np.float64)
        # The last sum is 1 up to rounding: scaled by it, u always finds its class.
        return self._per_row((cumulated < np.ravel(u) * cumulated[-1]).sum(0))

    def sample(self, rng: np.random.Generator) -> Array:
        """One class per row, [...]."""
        return self.quantile(1 - rng.random(self.logits.shape[:-1]))

    def _per_row(self, flat: Array) -> Array:
        return flat.reshape(self.logits.data.shape[:-1])


class DiagonalGaussian:
    """Independent normal variables with mean [..., D] and log_std [D] or [..., D]."""

    def __init__(self, mean: Tensor, log_std: Tensor) -> None:
        self.mean, self.log_std = mean, log_std

    def log_prob(self, x: Array) -> Tensor:
        """Σ -½ ((x - mean)/std)² - log std - ½ log 2π over the D dimensions, [...], for x [..., D]."""
        operation = fused.GAUSSIAN_LOG_PROB
        value, saved = operation.forward(self.mean.data, self.log_std.data, constant(x, self.mean))
        return record(operation, value, (self.mean, self.log_std), saved)

    def mean_entropy(self) -> Tensor:
        """H = Σ log std + ½ log 2πe over the D dimensions, the mean over all rows: a scalar."""
        return self.log_std.sum(-1).mean() + 0.5 * math.log(2 * math.pi * math.e) * self.log_std.shape[-1]

    def mode(self) -> Array:
        """The mean."""
        return self.mean.data

    def sample(self, rng: np.random.Generator) -> Array:
        """mean + std · noise, [..., D]."""
        noise = rng.standard_normal(self.mean.shape).astype(self.mean.dtype)
        action: Array = self.mean.data + np.exp(self.log_std.data) * noise
        return action
