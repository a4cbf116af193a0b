"""A generator depends on its seed alone, and its stored state continues it bit for bit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.randomness import generator, generator_state, restore_generator, spawn


def draws(rng: np.random.Generator) -> list[float]:
    return [rng.random(), rng.standard_normal(), float(rng.integers(7, dtype=np.uint32)), rng.exponential()]


def test_same_seed_same_numbers_and_another_seed_others() -> None:
    assert draws(generator(7)) == draws(generator(7)) != draws(generator(8))


@pytest.mark.parametrize("seed", [-1, 1.0, "1", None, True])
def test_a_seed_that_is_not_a_natural_number_is_refused(seed: object) -> None:
    with pytest.raises(ValueError, match="seed must be an integer >= 0"):
        generator(seed)  # type: ignore[arg-type]


@pytest.mark.parametrize("advance", range(4))
def test_state_through_json_and_through_an_array_continues_bit_for_bit(advance: int) -> None:
    rng = generator(3)
    rng.integers(5, size=advance, dtype=np.uint32)  # odd counts leave 32 spare bits behind
    state = generator_state(rng)
    via_json = restore_generator(json.loads(json.dumps(state)))
    via_array = restore_generator({**state, "words": np.array(state["words"], dtype=np.uint64)})
    expected = draws(rng)
    assert draws(via_json) == expected
    assert draws(via_array) == expected


def test_looking_at_the_state_draws_nothing() -> None:
    rng = generator(3)
    generator_state(rng)
    assert draws(rng) == draws(generator(3))


def test_spawned_generators_differ_and_survive_a_restore() -> None:
    rng = generator(5)
    spawn(rng, 2)
    restored = restore_generator(generator_state(rng))
    children, again = spawn(rng, 3), spawn(restored, 3)
    assert [draws(child) for child in children] == [draws(child) for child in again]
    assert len({child.random() for child in children}) == 3
    assert spawn(rng, 0) == []
    with pytest.raises(ValueError, match="count must be >= 0"):
        spawn(rng, -1)


def test_other_bit_generators_are_refused() -> None:
    with pytest.raises(ValueError, match="only PCG64"):
        generator_state(np.random.Generator(np.random.MT19937(0)))


GOOD = generator_state(generator(0))


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        {},
        {"bit_generator": "PCG64"},
        {**GOOD, "more": 1},
        {**GOOD, "bit_generator": "MT19937"},
        {**GOOD, "bit_generator": np.zeros(2)},
        {**GOOD, "words": "123456"},
        {**GOOD, "words": [1, 2, 3]},
        {**GOOD, "words": [[1]] * 6},
        {**GOOD, "words": [1, 2, 3, 5.0, 0, 0]},
        {**GOOD, "words": [1, 2, 3, "5", 0, 0]},
        {**GOOD, "words": [-1, 2, 3, 5, 0, 0]},
        {**GOOD, "words": [1 << 64, 2, 3, 5, 0, 0]},
        {**GOOD, "words": [1, 2, 3, 4, 0, 0]},
        {**GOOD, "words": [1, 2, 3, 5, 2, 0]},
        {**GOOD, "words": [1, 2, 3, 5, 0, 1 << 32]},
        {**GOOD, "words": [1, 2, 3, 5, 0, np.nan]},
        {**GOOD, "words": np.array([1.0] * 6)},
        {**GOOD, "words": [1, 2, 3, [5], 0, 0]},
    ],
)
def test_a_damaged_state_is_one_declared_error(state: object) -> None:
    with pytest.raises(ValueError):
        restore_generator(state)  # type: ignore[arg-type]
