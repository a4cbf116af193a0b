"""Supervised classification: a network learns to name images from examples that come with their names.

Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors" (1986); Goodfellow, Bengio and
Courville, *Deep Learning* (2016), chapters 6 to 8. Shapes: M images to learn from, H x W pixels each, B images of a
minibatch, K classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Experience, Floats32, Ints, Snapshot, Thoughts, check_range
from algorithms.distortion import distorted
from algorithms.networks import Network, hidden_sizes
from algorithms.schedules import Linear, Schedule
from engine.distributions import Categorical
from engine.losses import cross_entropy
from engine.optimisers import AdamW
from engine.tensor import Tensor


class Examples(Protocol):
    """Images with their classes. They never change, but a state says which they are."""

    pixels: NDArray[np.uint8]  # [M, H, W]
    classes: Ints  # [M] in 0 .. K-1
    brightest: int  # the largest value of a pixel
    kinds: int  # K

    def dump(self) -> dict[str, Any]: ...

    def load(self, snapshot: Snapshot) -> None: ...


@dataclass(frozen=True)
class ClassificationConfig:
    hidden: str = "256-128"
    """Sizes of the hidden layers, as in 120-84."""
    learning_rate: Schedule = Linear(3e-3, 0.0, 60)
    """Step size of AdamW; may be scheduled over epochs (passes through the images)."""
    weight_decay: float = 0.1
    """How strongly the weights are pulled to 0, times the step size, in every update."""
    batch: int = 32
    """Images in one minibatch."""
    shift: float = 0.06
    """How far an image is moved at random, in [0, 0.5] of its height and width."""
    slant: float = 0.2
    """How far it is turned, stretched and slanted at random, in [0, 0.5]: the largest change of the affine map."""

    def __post_init__(self) -> None:
        hidden_sizes(self.hidden)
        for bound in self.learning_rate.bounds:
            check_range("learning_rate", bound, 0, 1)
        check_range("weight_decay", self.weight_decay, 0, 1)
        check_range("batch", self.batch, 1, 1e5)
        check_range("shift", self.shift, 0, 0.5)
        check_range("slant", self.slant, 0, 0.5)


@dataclass
class ClassificationState:
    """All that changes."""

    examples: Examples
    network: Network  # θ
    optimiser: AdamW
    order: Ints  # [M] in which this epoch goes through the images
    cursor: int  # images of it that are learnt from
    epoch: int  # epochs finished
    rng: np.random.Generator


def initial_classification(
    examples: Examples, config: ClassificationConfig, rng: np.random.Generator
) -> ClassificationState:
    """θ at random, nothing learnt from."""
    images, height, width = examples.pixels.shape
    network = Network((height * width, *hidden_sizes(config.hidden), examples.kinds), rng)
    optimiser = AdamW(network.vector, config.learning_rate.bounds[1], weight_decay=config.weight_decay)
    return ClassificationState(examples, network, optimiser, np.arange(images), 0, 0, rng)


def classification(
    examples: Examples, config: ClassificationConfig, state: ClassificationState
) -> Iterator[Experience]:
    """Minimise the cross-entropy −log p(y | x; θ), p = softmax of the network's outputs, by AdamW on minibatches.

    One event is a minibatch: an epoch goes through all images in a new order, and each is distorted anew. An image
    counts as a step, whose reward is 1/M where the most probable class is right, and an epoch as an episode: its
    return is the accuracy while learning.

    Goodfellow, Bengio and Courville (2016), algorithm 8.1, equation 6.29 and section 7.4.
    """
    images, network, optimiser, rng = len(examples.pixels), state.network, state.optimiser, state.rng
    while True:
        if state.cursor == 0:
            state.order = rng.permutation(images)
        rows = state.order[state.cursor : state.cursor + config.batch]  # [B]
        x = distorted(scaled(examples.pixels[rows], examples.brightest), config.shift, config.slant, rng)  # [B, H, W]
        x = x.reshape(len(rows), -1)  # [B, H·W]
        y = examples.classes[rows]  # [B]
        logits = network(x)  # [B, K]
        loss = cross_entropy(logits, y)
        network.vector.zero_grad()
        loss.backward()
        optimiser.learning_rate, optimiser.weight_decay = float(config.learning_rate(state.epoch)), config.weight_decay
        optimiser.step()
        guess = logits.data.argmax(axis=1)  # [B]
        right = guess == y  # [B]
        state.cursor += len(rows)
        last = np.zeros((len(rows), 1), np.bool_)
        if state.cursor == images:
            state.cursor, state.epoch, last[-1] = 0, state.epoch + 1, True
        r = (right / images).astype(np.float32)
        metrics = {"loss/train": loss.item(), "accuracy/train": float(right.mean())}
        yield Experience(r[:, None], last, metrics, x[:, None], guess[:, None])


def scaled(pixels: NDArray[np.uint8], brightest: int) -> Floats32:
    """Pixels as numbers in [0, 1]. [..., H, W]"""
    return pixels.astype(np.float32) / np.float32(brightest)


def greedy(config: ClassificationConfig, state: ClassificationState, x: Floats32) -> Ints:
    """The most probable class of images as they are. [B, H·W] → [B]"""
    best: Ints = state.network.values(x).argmax(axis=1)
    return best


def thoughts(config: ClassificationConfig, state: ClassificationState, x: Floats32) -> Thoughts:
    """The probability of every class, and of the most probable. [B, H·W]"""
    p = Categorical(Tensor(state.network.values(x))).probabilities  # [B, K]
    return Thoughts("probability", p, p.max(axis=1))


def parameters(state: ClassificationState) -> dict[str, Floats32]:
    """The weights θ by name: the arrays themselves."""
    return state.network.weights()


def load_parameters(state: ClassificationState, weights: Mapping[str, Any]) -> None:
    """θ from named arrays; raises ValueError where names, shapes or numbers do not fit."""
    state.network.load_state(weights)
