"""Environments drawn from what is observed: recognisable, steady, and never out of step with the numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tui.drawing.cells import changes, estimated_bytes
from tui.drawing.scenes.scene import action_labels, draw_scene
from tui.drawing.theme import make_theme

THEME = make_theme()
ASCII = make_theme(ascii_only=True)
GROUND = [2.0, 2.5, 3.4, 3.3, 3.3, 3.3, 3.3, 3.3, 2.2, 3.0, 4.5]
# id: an observation, an action, what is around
SCENES = {
    "CartPole-v1": ([0.5, 0.0, 0.1, 0.0], [1], []),
    "LunarLander-v3": ([0.1, 0.8, 0.0, -0.2, 0.1, 0.0, 0.0, 0.0], [2], GROUND),
    "LunarLanderContinuous-v3": ([0.1, 0.8, 0.0, -0.2, 0.1, 0.0, 0.0, 0.0], [0.5, -1.0], GROUND),
    "Acrobot-v1": ([math.cos(0.6), math.sin(0.6), math.cos(1), math.sin(1), 0.0, 0.0], [0], []),
    "MountainCar-v0": ([-0.2, 0.0], [2], []),
    "MountainCarContinuous-v0": ([-0.2, 0.0], [-0.7], []),
    "Pendulum-v1": ([math.cos(2.5), math.sin(2.5), 0.0], [1.5], []),
    "Nobody/Knows-v0": ([0.1, -3.0, 1e9], [0], []),
}
SIZES = [(0, 0), (1, 1), (2, 5), (5, 2), (10, 1), (38, 12), (80, 22), (400, 120)]


def draw(name, width=80, height=22, theme=THEME, **changed):
    obs, action, scene = SCENES[name]
    given = {"obs": obs, "action": action, "scene": scene} | changed
    return draw_scene(name, given["obs"], given["action"], given["scene"], width, height, theme)


@pytest.mark.parametrize("theme", [THEME, ASCII, make_theme(colour=False), make_theme(dark=False)])
@pytest.mark.parametrize("name", SCENES)
def test_any_size(name, theme):
    for width, height in SIZES:
        cells = draw(name, width, height, theme)
        assert (cells.width, cells.height) == (width, height)
        if theme is ASCII:
            assert str(cells).isascii()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308, -1e308, 0.0])
@pytest.mark.parametrize("name", SCENES)
def test_any_number(name, value):
    obs, action, scene = SCENES[name]
    for place in range(len(obs)):
        draw(name, obs=[*obs[:place], value, *obs[place + 1 :]])
    draw(name, obs=[value] * len(obs), action=[value] * len(action), scene=[value] * len(scene))
    draw(name, action=[value] * len(action))
    draw(name, scene=[value] * len(scene))


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("size", [0, 1, 7, 100])
def test_any_length(name, size):
    numbers = np.linspace(-1, 1, size, dtype=np.float32)
    cells = draw(name, obs=numbers, action=numbers, scene=numbers)
    assert str(cells).strip()


@pytest.mark.parametrize("name", SCENES)
def test_the_same_observation_gives_the_same_cells(name):
    assert changes(draw(name), draw(name)) == []


@pytest.mark.parametrize(
    ("name", "most"), [("CartPole-v1", 400), ("LunarLander-v3", 350), ("Acrobot-v1", 450), ("Pendulum-v1", 450)]
)
def test_a_small_motion_takes_few_bytes(name, most):
    """Far less than the 2900 of all the cells (80x24): only edges move."""
    before = draw(name)
    obs = np.array(SCENES[name][0])
    for _ in range(10):
        if name in ("Acrobot-v1", "Pendulum-v1"):
            angle = math.atan2(obs[1], obs[0]) + 0.05
            obs[:2] = math.cos(angle), math.sin(angle)
        else:
            obs[:1] += 0.01
        after = draw(name, obs=obs)
        assert estimated_bytes(after, changes(before, after)) <= most
        before = after


def _columns(cells, colour):
    """Columns where something has this colour."""
    where = [cells.style_at(row, col).fg == colour for row in range(cells.height) for col in range(cells.width)]
    return np.flatnonzero(np.array(where).reshape(cells.height, cells.width).any(axis=0))


def _rows(cells, colour):
    where = [cells.style_at(row, col).fg == colour for row in range(cells.height) for col in range(cells.width)]
    return np.flatnonzero(np.array(where).reshape(cells.height, cells.width).any(axis=1))


def test_the_cart_is_where_it_is_and_its_pole_leans_to_its_side():
    cart, pole = THEME.palette.series[0], THEME.palette.series[1]
    left, right = draw("CartPole-v1", obs=[-1.2, 0, -0.2, 0]), draw("CartPole-v1", obs=[1.2, 0, 0.2, 0])
    assert _columns(left, cart).max() < 40 < _columns(right, cart).min()
    assert _columns(left, pole).mean() < _columns(left, cart).mean()
    assert _columns(right, pole).mean() > _columns(right, cart).mean()


def test_a_push_is_an_arrow_on_its_side():
    cart, arrow = THEME.palette.series[0], THEME.palette.accent
    for action, sign in ((0, -1), (1, 1)):
        cells = draw("CartPole-v1", action=[action])
        assert sign * (_columns(cells, arrow).mean() - _columns(cells, cart).mean()) > 0


def test_the_lander_descends_onto_the_pad():
    ship = THEME.palette.series[3]
    high, low = draw("LunarLander-v3"), draw("LunarLander-v3", obs=[0.0, 0.0, 0, 0, 0, 0, 1, 1], action=[0])
    assert _rows(high, ship).max() < _rows(low, ship).min()
    assert THEME.palette.series[2] in {low.style_at(r, c).fg for r in range(22) for c in range(80)}  # both legs touch
    above = draw("LunarLander-v3", obs=[0.0, 5.0, 0, 0, 0, 0, 0, 0])
    assert THEME.glyphs.above in above.line(0)


@pytest.mark.parametrize(
    ("action", "side"),
    [([0], None), ([1], 1), ([3], -1), ([2], 0), ([0.5, 0.0], 0), ([-1.0, 0.9], -1), ([0, 0.4], None)],
)
def test_the_flame_is_opposite_to_the_push(action, side):
    flame, ship = THEME.palette.series[5], THEME.palette.series[3]
    cells = draw("LunarLander-v3", 160, 44, obs=[0.0, 0.8, 0, 0, 0, 0, 0, 0], action=action)
    found = _columns(cells, flame)
    if side is None:
        assert not len(found)
    elif side == 0:
        assert _rows(cells, flame).max() > _rows(cells, ship).max()
    else:
        assert side * (found.mean() - _columns(cells, ship).mean()) > 0


def test_the_ground_is_that_of_the_episode():
    wall = THEME.palette.wall
    cells = draw("LunarLander-v3")
    heights = [sum(wall in cells.style_at(row, col)[:2] for row in range(22)) for col in (10, 68)]
    assert heights[0] < heights[1]  # 2 units at the left, 4 at the right


def test_the_pendulum_and_the_acrobot_hang_and_stand():
    rod = THEME.palette.series[0]
    up, down = draw("Pendulum-v1", obs=[1, 0, 0], action=[0]), draw("Pendulum-v1", obs=[-1, 0, 0], action=[0])
    assert _rows(up, rod).max() <= 11 <= _rows(down, rod).min() + 1
    tip = THEME.palette.accent
    assert tip not in {draw("Acrobot-v1").style_at(r, c).fg for r in range(5) for c in range(80)}
    reached = draw("Acrobot-v1", obs=[-1, 0, 1, 0, 0, 0], action=[1])
    assert tip in {reached.style_at(r, c).fg for r in range(6) for c in range(80)}


def test_the_car_leans_with_its_hill():
    car = THEME.palette.series[0]
    left, right = draw("MountainCar-v0", obs=[-1.0, 0]), draw("MountainCar-v0", obs=[0.4, 0])
    valley = draw("MountainCar-v0", obs=[-0.52, 0])
    assert _columns(left, car).max() < _columns(valley, car).min() < _columns(right, car).min()
    assert _rows(valley, car).min() > _rows(right, car).min()


def test_an_unknown_environment_shows_its_numbers():
    text = str(draw("Nobody/Knows-v0"))
    assert "o0" in text
    assert "0.100" in text
    assert "-3.00" in text
    many = str(draw("Nobody/Knows-v0", 80, 10, obs=np.arange(27)))
    assert "o26" in many
    assert "26.0" in many
    assert "and 14 more" in str(draw("Nobody/Knows-v0", 20, 14, obs=np.arange(27)))
    assert "nan" in str(draw("CartPole-v1", obs=[0, math.nan, 0, 0]))


def test_actions_have_names():
    assert action_labels("LunarLander-v3", 4)[2] == "main engine"
    assert action_labels("CartPole-v7", 2) == ("push left", "push right")
    assert action_labels("CartPole-v1", 3) == ("0", "1", "2")
    assert action_labels("Nobody/Knows-v0", 2) == ("0", "1")
