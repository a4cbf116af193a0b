"""Losses, each the mean over all elements, in order of increasing difficulty.

Targets and other constants are arrays of exactly the shape of the prediction: a prediction [B, 1] against
targets [B] would silently broadcast to [B, B].
"""

from __future__ import annotations

from typing import Any

from engine.checks import class_indices, constant
from engine.operations import Array, Operation, fused
from engine.tensor import Tensor, record


def mean_squared_error(prediction: Tensor, target: Array) -> Tensor:
    """mean (x - t)²."""
    return _loss(fused.SQUARED_ERROR, prediction, constant(target, prediction))


def huber(prediction: Tensor, target: Array, delta: float = 1.0) -> Tensor:
    """mean of ½e² where |e| <= δ, else δ (|e| - ½δ), with e = x - t: an outlier pulls no harder than δ.

    Source: Huber, "Robust Estimation of a Location Parameter" (1964).
    """
    if not delta > 0:
        raise ValueError(f"delta must be > 0, got {delta}")
    return _loss(fused.HUBER, prediction, constant(target, prediction), float(delta))


def binary_cross_entropy(logits: Tensor, target: Array) -> Tensor:
    """mean of -t log σ(z) - (1 - t) log(1 - σ(z)), from logits z and targets t in [0, 1]."""
    return _loss(fused.BINARY_CROSS_ENTROPY, logits, constant(target, logits))


def cross_entropy(logits: Tensor, classes: Array) -> Tensor:
    """mean of -log softmax(logits)[class], from logits [..., A] and integer classes [...] in 0 .. A-1."""
    return _loss(fused.CROSS_ENTROPY, logits, class_indices(classes, logits))


def clipped_value_loss(values: Tensor, returns: Array, old_values: Array, clip: float) -> Tensor:
    """mean max((v - R)², (v_old + clip(v - v_old, ±c) - R)²).

    Source: Schulman et al., "High-Dimensional Continuous Control Using Generalized Advantage Estimation" (2016)
    for the trust region on values; in this form the baselines implementation of PPO (2017).
    """
    targets, old = constant(returns, values), constant(old_values, values)
    return _loss(fused.CLIPPED_VALUE, values, targets, old, _checked(clip))


def clipped_surrogate_loss(log_prob: Tensor, old_log_prob: Array, advantages: Array, clip: float) -> Tensor:
    """-mean min(ρ A, clip(ρ, 1 - c, 1 + c) A) with ρ = exp(log_prob - old_log_prob).

    Source: Schulman et al., "Proximal Policy Optimization Algorithms" (2017), equation 7.
    """
    old, weights = constant(old_log_prob, log_prob), constant(advantages, log_prob)
    return _loss(fused.CLIPPED_SURROGATE, log_prob, old, weights, _checked(clip))


def _loss(operation: Operation, prediction: Tensor, *constants: Any) -> Tensor:
    if not prediction.data.size:
        raise ValueError(f"the mean loss over a prediction of shape {prediction.shape} is undefined")
    value, saved = operation.forward(prediction.data, *constants)
    return record(operation, value, (prediction,), saved)


def _checked(clip: float) -> float:
    if not clip >= 0:
        raise ValueError(f"clip must be >= 0, got {clip}")
    return float(clip)


def weighted_sum(*terms: tuple[float, Tensor]) -> Tensor:
    """Σ weight · loss over scalar losses: `weighted_sum((1, policy_loss), (0.5, value_loss))`."""
    weights, losses = zip(*terms, strict=True)
    factors = [*map(float, weights)]
    total = fused.WEIGHTED_SUM.forward(factors, [loss.data for loss in losses])
    return record(fused.WEIGHTED_SUM, total, losses, factors)
