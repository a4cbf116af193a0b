"""Classification and the distortion of images: the laws of an algorithm, epochs, and maps one can check by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from algorithms.classification import (
    ClassificationConfig,
    classification,
    greedy,
    initial_classification,
    load_parameters,
    parameters,
)
from algorithms.contract import dump, load
from algorithms.distortion import distorted
from algorithms.registry import algorithm_named, deep_algorithm_named
from algorithms.schedules import Constant
from engine.losses import cross_entropy
from engine.randomness import generator
from scenarios.worlds.images import Images
from tests.algorithms.test_contract import same

CONFIG = ClassificationConfig(hidden="16", batch=8, learning_rate=Constant(0.01))
IMAGES, CLASSES = 21, 3  # the last of three minibatches has five images


def bars(images: int = IMAGES) -> Images:
    """Images of 5x5 pixels with a bright row 0, 2 or 4, and some noise."""
    rng = generator(0)
    classes = np.arange(images) % CLASSES
    pixels = rng.integers(0, 60, (images, 5, 5)).astype(np.uint8)
    pixels[np.arange(images), 2 * classes] += 180
    return Images(pixels, classes, pixels[:6], classes[:6], 255)


def begun(config: ClassificationConfig = CONFIG, seed: int = 1):
    examples = bars()
    state = initial_classification(examples, config, generator(seed))
    return state, classification(examples, config, state)


def test_it_is_registered_as_an_algorithm_that_learns_a_network() -> None:
    assert algorithm_named("classification").page is classification
    assert deep_algorithm_named("classification").family == "supervised"


def test_complete_at_every_yield() -> None:
    """Cut, dump, load into a fresh state and go on with a new generator: bit for bit what would have come."""
    whole, uncut = begun()
    snapshot = dump(whole)
    for event in islice(uncut, 30):
        fresh, again = begun(seed=99)
        load(fresh, snapshot)
        assert same(next(again), event)
        snapshot = dump(fresh)
        assert same(snapshot, dump(whole))
    assert np.isfinite(whole.network.vector.values).all()
    assert not np.array_equal(whole.network.vector.values, begun()[0].network.vector.values)


def test_an_epoch_shows_every_image_once_and_its_return_is_the_accuracy() -> None:
    state, events = begun(replace(CONFIG, shift=0.0, slant=0.0))
    orders = []
    for epoch in range(3):
        minibatches = list(islice(events, 3))
        orders.append(state.order)
        assert [len(event.r) for event in minibatches] == [8, 8, 5]
        shown = np.concatenate([event.obs[:, 0] for event in minibatches])
        assert np.array_equal(shown, (bars().pixels / np.float32(255)).reshape(IMAGES, -1)[state.order])
        last = np.concatenate([event.last for event in minibatches])
        assert last.ravel().tolist() == [False] * (IMAGES - 1) + [True]
        right = np.concatenate([event.a[:, 0] for event in minibatches]) == bars().classes[state.order]
        assert sum(event.r.sum() for event in minibatches) == pytest.approx(right.mean(), rel=1e-6)
        weighted = [event.metrics["accuracy/train"] * len(event.r) for event in minibatches]
        assert sum(weighted) == pytest.approx(right.sum())
        assert (state.epoch, state.cursor) == (epoch + 1, 0)
    assert not np.array_equal(orders[0], orders[1])


def test_the_loss_is_the_cross_entropy_of_what_was_shown() -> None:
    state, events = begun()
    before, _ = begun()
    event = next(events)
    logits = before.network(event.obs[:, 0])
    assert event.metrics["loss/train"] == cross_entropy(logits, bars().classes[state.order[:8]]).item()
    assert event.a[:, 0].tolist() == logits.data.argmax(axis=1).tolist()


def test_it_learns_what_it_is_told_and_nothing_from_wrong_answers() -> None:
    def accuracy(examples: Images) -> float:
        state = initial_classification(examples, CONFIG, generator(1))
        for _ in islice(classification(examples, CONFIG, state), 300):
            pass
        truth = bars(60)
        x = (truth.pixels / np.float32(255)).reshape(60, -1)
        return float((greedy(CONFIG, state, x) == truth.classes).mean())

    told = bars()
    assert accuracy(told) == 1.0
    misled = Images(told.pixels, (told.classes + 1) % CLASSES, told.held_out, told.answers, 255)
    assert accuracy(misled) == 0.0


def test_a_setting_may_change_while_it_learns() -> None:
    state, _ = begun()
    next(classification(bars(), replace(CONFIG, weight_decay=0.5, learning_rate=Constant(0.002)), state))
    assert (state.optimiser.weight_decay, state.optimiser.learning_rate) == (0.5, 0.002)


def test_weights_come_back_and_others_are_refused() -> None:
    state, events = begun()
    next(events)
    other, _ = begun(seed=5)
    load_parameters(other, {name: array.copy() for name, array in parameters(state).items()})
    assert np.array_equal(other.network.vector.values, state.network.vector.values)
    with pytest.raises(ValueError, match="missing"):
        load_parameters(other, {})


@pytest.mark.parametrize(
    "wrong",
    [{"hidden": "0"}, {"learning_rate": Constant(-1.0)}, {"weight_decay": 2.0}, {"batch": 0}, {"shift": 0.6}],
)
def test_refused(wrong) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))} must be "):
        ClassificationConfig(**wrong)


# distortion


class Drawn:
    """A generator that draws what it is told: first A − 1, then t as a share of the image."""

    def __init__(self, a, t) -> None:
        self._draws = [np.reshape(a, (1, 2, 2)) - np.eye(2), np.reshape(t, (1, 2, 1))]

    def uniform(self, low, high, shape):
        drawn = self._draws.pop(0)
        assert drawn.shape == shape
        return drawn


IMAGE = generator(3).random((1, 4, 4)).astype(np.float32)
UNCHANGED = [[1, 0], [0, 1]]


def test_no_distortion_changes_nothing() -> None:
    images = generator(0).random((5, 4, 7)).astype(np.float32)
    assert np.array_equal(distorted(images, 0.0, 0.0, generator(1)), images)


def test_a_whole_pixel_moves_the_image_and_lets_black_in() -> None:
    moved = distorted(IMAGE, 1.0, 0.0, Drawn(UNCHANGED, [0.25, 0]))
    assert np.allclose(moved[0, :-1], IMAGE[0, 1:])
    assert not moved[0, -1].any()
    moved = distorted(IMAGE, 1.0, 0.0, Drawn(UNCHANGED, [0, -0.25]))
    assert np.allclose(moved[0, :, 1:], IMAGE[0, :, :-1])
    assert not moved[0, :, 0].any()


def test_half_a_pixel_mixes_two() -> None:
    moved = distorted(IMAGE, 1.0, 0.0, Drawn(UNCHANGED, [0, 0.125]))
    assert np.allclose(moved[0, :, :-1], (IMAGE[0, :, :-1] + IMAGE[0, :, 1:]) / 2)


def test_a_turn_by_ninety_degrees() -> None:
    assert np.allclose(distorted(IMAGE, 0.0, 0.5, Drawn([[0, 1], [-1, 0]], [0, 0]))[0], np.rot90(IMAGE[0], 1))


def test_what_lies_far_outside_is_black() -> None:
    for far in (100, -100):
        assert not distorted(IMAGE, 1.0, 0.0, Drawn(UNCHANGED, [far, far])).any()


def test_images_are_distorted_apart_and_within_their_brightness() -> None:
    images = np.repeat(IMAGE, 20, axis=0)
    moved = distorted(images, 0.1, 0.2, generator(1))
    assert len(np.unique(moved.reshape(20, -1), axis=0)) == 20
    assert moved.dtype == np.float32
    assert 0 <= moved.min() <= moved.max() <= IMAGE.max()
