"""Seeded randomness: one numpy Generator (PCG64) handed down, and its state as plain numbers.

Source: Melissa O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms
for Random Number Generation" (2014).
"""

from __future__ import annotations

import operator
from collections.abc import Mapping

import numpy as np

WORD = 1 << 64  # a 128-bit number is stored as two words, high then low


def generator(seed: int) -> np.random.Generator:
    """A PCG64 generator that depends on `seed` alone.

    Raises ValueError when the seed is not an integer >= 0.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed must be an integer >= 0, got {seed!r}")
    return np.random.Generator(np.random.PCG64(int(seed)))


def spawn(rng: np.random.Generator, count: int) -> list[np.random.Generator]:
    """`count` independent generators, seeded by 128 bits each drawn from `rng`.

    numpy's own `Generator.spawn` counts children outside the state, so a restored generator would spawn
    others; drawing the seeds keeps everything in the state.
    """
    if count < 0:
        raise ValueError(f"count must be >= 0, got {count}")
    seeds = rng.integers(0, 1 << 32, size=(count, 4), dtype=np.uint32)
    return [np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed.tolist()))) for seed in seeds]


def generator_state(rng: np.random.Generator) -> dict[str, object]:
    """The whole state of a PCG64 generator: `{"bit_generator": "PCG64", "words": [6 integers < 2**64]}`.

    The words are the 128-bit state and increment (high, low each), then the flag and value of the spare
    32 bits. They fit JSON as they are, and a uint64 array [6].
    """
    raw = rng.bit_generator.state
    if raw["bit_generator"] != "PCG64":
        raise ValueError(f"only PCG64 generators can be stored, got {raw['bit_generator']}")
    words = [*divmod(raw["state"]["state"], WORD), *divmod(raw["state"]["inc"], WORD)]
    return {"bit_generator": "PCG64", "words": [*words, raw["has_uint32"], raw["uinteger"]]}


def restore_generator(state: Mapping[str, object]) -> np.random.Generator:
    """A new generator that continues exactly where `generator_state` looked.

    `words` may be a list of integers or an integer array [6]. Raises ValueError on anything else.
    """
    high, low, inc_high, inc_low, has_uint32, uinteger = _checked_words(state)
    bit_generator = np.random.PCG64(0)
    bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": high * WORD + low, "inc": inc_high * WORD + inc_low},
        "has_uint32": has_uint32,
        "uinteger": uinteger,
    }
    return np.random.Generator(bit_generator)


def _checked_words(state: Mapping[str, object]) -> list[int]:
    if not isinstance(state, Mapping) or set(state) != {"bit_generator", "words"}:
        raise ValueError("a generator state has the keys 'bit_generator' and 'words' and no other")
    name, given = state["bit_generator"], state["words"]
    if not isinstance(name, str) or name != "PCG64":
        raise ValueError(f"bit_generator must be 'PCG64', got {name!r}")
    if isinstance(given, np.ndarray) and given.shape == (6,):
        given = given.tolist()
    if not isinstance(given, list | tuple) or len(given) != 6:
        raise ValueError("words must be a list or an array of 6 integers")
    try:
        words = [operator.index(word) for word in given]
    except TypeError:
        raise ValueError("words must be 6 integers") from None
    limits = (WORD, WORD, WORD, WORD, 2, 1 << 32)
    if not all(0 <= word < limit for word, limit in zip(words, limits, strict=True)):
        raise ValueError("words of a generator state are out of range")
    if words[3] % 2 == 0:
        raise ValueError("the increment of a PCG64 state must be odd")
    return words
