"""Stepping forward and back is exact: at every step the same state, event and memory, bit for bit."""

import pickle

import numpy as np
import pytest

from algorithms.contract import dump
from algorithms.registry import ALGORITHMS
from scenarios.experiment import prepare
from scenarios.lessons import stepper as stepping
from scenarios.lessons.ledger import REMEMBERED_UPDATES
from scenarios.lessons.stepper import Stepper
from tests.scenarios.lessons.exactness import corridor, frozen, in_map, seen

NAMES = [algorithm.name for algorithm in ALGORITHMS]


def recorded(stepper, steps):
    """What is seen at every step from here on."""
    story = [seen(stepper)]
    for _ in range(steps):
        if stepper.forward() is None:
            break
        story.append(seen(stepper))
    return story


@pytest.mark.parametrize("name", NAMES)
def test_back_is_the_exact_inverse_of_forward_at_every_step(name):
    planning = {"block": "2"} if name in NAMES[:3] else {}
    stepper = Stepper(in_map(corridor(), name, lanes=3, **planning))
    story = recorded(stepper, 300)
    assert len(story) > 60
    for expected in reversed(story[:-1]):
        assert stepper.back()
        assert seen(stepper) == expected
    assert not stepper.back()
    assert seen(stepper) == story[0]
    assert recorded(stepper, len(story) - 1) == story


@pytest.mark.parametrize(
    ("steps", "moves", "memory"), [(800, 120, 12_000), pytest.param(3_000, 250, 40_000, marks=pytest.mark.slow)]
)
def test_wandering_arrives_where_straight_ways_lead(monkeypatch, steps, moves, memory):
    """Forward, back, jumps both ways and peeks in any order, with memory so tight that keyframes are thinned out."""
    monkeypatch.setattr(stepping, "KEYFRAME_BYTES", memory)
    monkeypatch.setattr(stepping, "FINE_BYTES", memory // 2)
    straight = Stepper(in_map(corridor(), "q-learning", lanes=3))
    story = recorded(straight, steps)
    wanderer, rng = Stepper(in_map(corridor(), "q-learning", lanes=3)), np.random.default_rng(1)
    for story_step in story:  # the experiments are equal but not the same object
        story_step.pop("experiment")
    for _ in range(moves):
        match rng.integers(5):
            case 0:
                wanderer.jump(int(rng.integers(steps)))
            case 1:
                wanderer.forward() if wanderer.step < steps else None
            case 2:
                wanderer.peek()
            case 3:
                wanderer.line_forward() if wanderer.step < steps else None
            case _:
                wanderer.back()
        now = seen(wanderer)
        del now["experiment"]
        assert now == story[wanderer.step]


def test_history_is_looked_up_again_where_it_was_forgotten():
    """Far back, where the deque has dropped what came before, the latest updates are remembered all the same."""
    stepper = Stepper(prepare("cliffwalking", "sarsa", seed=3, lanes=2))
    while stepper.step < 3_000:
        stepper.forward()
    expected = tuple(stepper.ledger.history)[-500:]
    stepper.jump(3_000 + REMEMBERED_UPDATES + 10)
    assert stepper.ledger.history[0].step > 3_000
    stepper.jump(3_000)
    assert tuple(stepper.ledger.history)[-500:] == expected


def test_peek_shows_the_next_update_and_changes_nothing():
    for name in NAMES:
        stepper = Stepper(in_map(corridor(), name, lanes=2))
        for _ in range(40):
            before = seen(stepper)
            shown = stepper.peek()
            assert seen(stepper) == before
            event = stepper.forward()
            assert frozen(event) == frozen(shown)
    assert event is not None


def test_planning_comes_to_an_end_and_can_be_taken_up_again():
    stepper = Stepper(in_map(corridor(), "value-iteration", theta="1e-3"))
    stepper.jump(10_000)
    end = stepper.step
    assert stepper.ended
    assert 1 < end < 10_000
    assert stepper.peek() is None
    assert stepper.forward() is None
    assert stepper.step == end
    assert stepper.back()
    assert not stepper.ended
    assert stepper.forward() is not None
    assert stepper.step == end


def test_what_is_full_plays_no_further(monkeypatch):
    monkeypatch.setattr("scenarios.lessons.ledger.MOST_EPISODES", 5)
    stepper = Stepper(in_map(corridor(), "q-learning"))
    stepper.jump(10_000)
    assert stepper.ended
    assert stepper.ledger.episodes[0] == 5
    end = seen(stepper)
    assert stepper.forward() is None
    stepper.back()
    assert stepper.forward() is not None
    assert seen(stepper) == end


# line by line


@pytest.mark.parametrize("name", NAMES)
def test_lines_forward_and_back_pass_the_same_places(name):
    stepper = Stepper(in_map(corridor(), name))
    places = [(stepper.step, stepper.line, seen(stepper))]
    while stepper.step < 4:
        event = stepper.line_forward()
        assert (event is not None) == (stepper.line < 0)
        places.append((stepper.step, stepper.line, seen(stepper)))
    for place in reversed(places[:-1]):
        assert stepper.line_back()
        assert (stepper.step, stepper.line, seen(stepper)) == place
    assert not stepper.line_back()


def test_lines_are_those_of_the_page_with_the_values_they_gave():
    stepper = Stepper(in_map(corridor(), "q-learning"))
    stepper.line_forward()
    page, lines = stepper.source, list(stepper.lines)
    text = [page.lines[line.number - page.first_line].strip() for line in lines]
    assert text[0] == "while True:"
    assert text[1].startswith("s = state.s")
    assert text[-1].startswith("yield Update(")
    values = {name: value for line in lines for name, value in line.values.items()}
    event = stepper.forward()
    assert values["s"] == event.s[0]
    assert values["r"] == event.r[0]
    assert values["target"] == event.target[0]
    assert values["new"] == event.new[0]
    assert stepper.lines == []


# interventions


def test_a_change_is_part_of_the_story():
    """Back across a change and forward again: the old configuration before it, the new one after."""
    stepper = Stepper(in_map(corridor(), "q-learning", lanes=2))
    before = recorded(stepper, 100)
    old = stepper.experiment
    new = old.with_config(old.config.__class__(gamma=0.5))
    stepper.change(new)
    after = recorded(stepper, 100)
    assert dump(stepper.state)["q"].tobytes() != old.initial_state().q.tobytes()
    for expected in reversed(after[:-1]):
        stepper.back()
        assert seen(stepper) == expected
    assert stepper.experiment is new
    for expected in reversed(before[:-1]):
        stepper.back()
        assert seen(stepper) == expected
        assert stepper.experiment is old
    stepper.jump(200)
    assert seen(stepper) == after[-1]


def test_of_two_changes_at_one_step_the_last_counts():
    def played(*gammas):
        stepper = Stepper(experiment)
        stepper.jump(150)
        for gamma in gammas:
            stepper.change(experiment.with_config(experiment.config.__class__(gamma=gamma)))
        stepper.jump(300)
        stepper.jump(140)
        stepper.jump(300)
        return {key: value for key, value in seen(stepper).items() if key != "experiment"}

    experiment = in_map(corridor(), "sarsa", lanes=2)
    assert played(0.1, 0.5) == played(0.5)
    assert played(0.5) != played(0.1)


def test_a_change_in_the_past_forgets_what_was_to_come():
    stepper = Stepper(in_map(corridor(), "q-learning", lanes=2))
    old = stepper.experiment
    stepper.jump(200)
    stepper.jump(90)
    new = old.with_config(old.config.__class__(gamma=0.0))
    stepper.change(new)
    stepper.jump(200)
    assert stepper.experiment is new
    story = seen(stepper)
    stepper.jump(50)
    assert stepper.experiment is old
    stepper.jump(200)
    assert seen(stepper) == story


def test_a_change_before_the_first_update_begins_anew():
    stepper = Stepper(in_map(corridor(), "q-learning"))
    other = stepper.experiment.with_config(stepper.experiment.config.__class__(q0=3.0))
    stepper.change(other)
    assert stepper.step == 0
    assert (stepper.state.q == 3.0).all()


def test_a_learner_walled_in_begins_a_new_episode():
    stepper = Stepper(in_map(corridor(), "q-learning", lanes=4))
    while not (stepper.state.s[0] == 1 and stepper.state.t[0] > 0):
        stepper.forward()
    there = stepper.state.s % stepper.experiment.model.states == 1
    stepper.change(stepper.experiment.with_model(changed(stepper, "#")))
    assert (stepper.state.s[there] % stepper.experiment.model.states == 0).all()
    assert (stepper.state.t[there] == 0).all()
    assert stepper.ledger.return_so_far == 0.0
    assert stepper.ledger.path() == []
    here = seen(stepper)
    for _ in range(200):
        assert (stepper.forward().s % 8 != 1).all()
    stepper.jump(here["step"])
    assert seen(stepper) == here


def changed(stepper, symbol, cell=1):
    from scenarios.worlds.maps import build_map

    world = stepper.experiment.model.origin
    return build_map(world.with_cell(*divmod(cell, len(world.symbols[0])), symbol))


@pytest.mark.parametrize("name", ["policy-iteration", "value-iteration"])
@pytest.mark.parametrize("symbol", ["#", "+5", "-3"])
@pytest.mark.parametrize("when", [1, 30, 10_000])
def test_planning_goes_on_in_a_changed_world(name, symbol, when):
    """After the change it finds what it would have found in the changed world from the start."""
    stepper = Stepper(in_map(corridor(), name, block="3", theta="1e-12"))
    stepper.jump(when)
    model = changed(stepper, symbol)
    stepper.change(stepper.experiment.with_model(model))
    stepper.jump(100_000)
    fresh = Stepper(in_map(model.origin, name, block="3", theta="1e-12"))
    fresh.jump(100_000)
    assert stepper.ended
    assert fresh.ended
    assert np.abs(stepper.tables.v - fresh.tables.v).max() < 1e-9
    assert [list(greedy) for greedy in stepper.tables.policy] == [list(greedy) for greedy in fresh.tables.policy]


def test_reset_and_reseed():
    stepper = Stepper(in_map(corridor(), "q-learning"))
    first = recorded(stepper, 50)
    stepper.reset()
    assert recorded(stepper, 50) == first
    stepper.reset(seed=77)
    assert stepper.step == 0
    assert stepper.experiment.seed == 77
    assert [story["state"] for story in recorded(stepper, 50)] != [story["state"] for story in first]


# memory


def grown(most_bytes, *stops):
    """Plays a lesson that never ends; the most bytes of all it keeps, at the stops and after steps back from them."""
    stepper = Stepper(prepare("gridworld", "q-learning", {"world": "jumps"}, seed=1, lanes=2))
    for stop in stops:
        stepper.jump(stop)
        for _ in range(20):
            stepper.back()
        kept = stepper._keyframes, stepper._fine, stepper.ledger, stepper.state, stepper._experiments
        assert len(pickle.dumps(kept)) <= most_bytes
    assert stepper.step == stops[-1] - 20


def test_a_long_lesson_does_not_grow(monkeypatch):
    """With budgets of a two-hundredth, met after a second; without thinning out it would be more than 500 kB."""
    monkeypatch.setattr(stepping, "KEYFRAME_BYTES", 200_000)
    monkeypatch.setattr(stepping, "FINE_BYTES", 50_000)
    monkeypatch.setattr("scenarios.lessons.ledger.REMEMBERED_UPDATES", 250)
    grown(350_000, *range(1_000, 11_000, 1_000))


@pytest.mark.slow
def test_an_hour_does_not_grow():
    """200,000 updates are an hour of 55 a second."""
    grown(stepping.KEYFRAME_BYTES + stepping.FINE_BYTES + 1_000_000, *range(20_000, 220_000, 20_000))
