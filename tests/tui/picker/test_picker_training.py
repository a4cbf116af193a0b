"""Deep scenarios in the picker, and trainings: what is prepared, what begins, and what is said when it cannot be."""

import importlib.util
import os
import signal

import pytest
from test_picker_screen import click_on

from scenarios.configuration import SettingError
from scenarios.experiment import ControlExperiment, DataExperiment
from scenarios.runs.files import RunError, exclusive_lock, lock_holder
from scenarios.runs.inspection import overview
from scenarios.runs.training import open_training
from scenarios.worlds.errors import WorldError
from tests.tui.driving import press, settle, text_of
from tui.app import RltopApp
from tui.drawing.theme import make_theme
from tui.lesson.screen import LessonScreen
from tui.memory import Memory
from tui.picker import launching
from tui.picker.about import SHELVES, about_lesson, menu_rows
from tui.picker.choice import MOST_SEEDS, Choice, described, prepare_trainings, toggled, with_setting, without_setting
from tui.picker.dialog import ValueDialog
from tui.picker.launching import Launch, Launched, launch, tell_what_goes_on
from tui.picker.menu import Menu
from tui.picker.preparing import prepare_choice, why_impossible
from tui.picker.settings import settings_list, sketched_list

NAMES = [name for _, _, names in SHELVES for name in names]
DEEP = ["digits", "cartpole", "acrobot", "pendulum", "MountainCar-v0", "lunarlander"]

pytestmark = pytest.mark.usefixtures("home")


# ── choices ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", DEEP)
def test_every_setting_of_a_deep_scenario_is_listed_with_its_sentence(name):
    for algorithm in described(name).algorithms:
        choice = Choice(name, (algorithm,))
        ready = prepare_choice(choice)
        assert ready.problem == ""
        settings = settings_list(choice, ready.experiments, ready.fresh)
        assert settings == sketched_list(choice)  # nothing of it depends on the environment
        assert all(setting.sentence for setting in settings)
        assert not any(setting.changed for setting in settings)
        keys = {setting.key for setting in settings}
        assert keys >= {"seed", "seeds", "steps", "episodes", "runs", "hidden", "learning_rate", "evaluate_every"}
        cells = ready.preview(60, 20, make_theme())
        assert (cells.width, cells.height) == (60, 20)
        assert str(cells).strip()


def test_what_differs_from_the_scenarios_own_default_is_marked():
    choice = with_setting(with_setting(Choice("cartpole"), "n_step", "1"), "steps", "7")
    ready = prepare_choice(choice)
    settings = {setting.key: setting for setting in settings_list(choice, ready.experiments, ready.fresh)}
    assert {key for key, setting in settings.items() if setting.changed} == {"n_step", "steps"}
    assert settings["n_step"].default == "3"  # cart pole's, not DQN's
    assert settings["epsilon"].offers
    assert settings["double"].options == ("false", "true")
    assert settings["evaluate_every"].group == "Evaluation"
    assert settings["batch"].group == "Settings of DQN"


def test_where_there_is_no_table_it_is_the_one_algorithm_or_the_other():
    choice = with_setting(Choice("cartpole"), "n_step", "1")
    assert toggled(choice, "ppo") == Choice("cartpole", ("ppo",))
    assert toggled(choice, "dqn").settings == {"n_step": "1"}


def test_numbers_of_a_run_are_put_and_taken_back():
    choice = Choice("taxi")
    for key, text in (("seeds", "3"), ("steps", "1000"), ("episodes", "10"), ("runs", "~/here")):
        changed = with_setting(choice, key, text)
        assert changed != choice
        assert without_setting(changed, key) == choice
    assert with_setting(with_setting(choice, "steps", "5"), "steps", "none") == choice
    for key, text in (("seeds", "0"), ("seeds", str(MOST_SEEDS + 1)), ("steps", "0"), ("episodes", "-1")):
        with pytest.raises(ValueError, match=rf"{key} must be in \[1, \d+\], got {text}"):
            with_setting(choice, key, text)
    with pytest.raises(ValueError, match="runs must name a directory"):
        with_setting(choice, "runs", "a\x1b[2J")


def test_trainings_are_a_run_for_every_seed_and_algorithm():
    trainings, warnings = prepare_trainings(
        Choice("cliffwalking", ("q-learning", "sarsa"), {"alpha": "0.1"}, 7, seeds=2)
    )
    assert warnings == ()
    assert [(t.experiment.algorithm.name, t.experiment.seed) for t in trainings] == [
        ("q-learning", 7),
        ("sarsa", 7),
        ("q-learning", 8),
        ("sarsa", 8),
    ]
    assert {t.experiment.lanes for t in trainings} == {100}
    assert {t.budget.episodes for t in trainings} == {500}


def test_a_training_of_a_planner_sweeps_as_the_book_does():
    (training,), _ = prepare_trainings(Choice("gridworld", ("value-iteration",)))
    assert training.experiment.config.block == 0  # all states at once
    assert training.budget.sweeps > 1000


@pytest.mark.parametrize(
    ("choice", "error", "words"),
    [
        (Choice("cartpole", settings={"gamma": "2"}), SettingError, "gamma must be in [0, 1], got 2"),
        (Choice("cartpole", settings={"alpha": "1"}), SettingError, "there is no setting 'alpha'"),
        (Choice("cartpole", ("sarsa",)), SettingError, "has no algorithm 'sarsa'"),
        (Choice("Nowhere-v0"), WorldError, "there is no environment 'Nowhere-v0'"),
        (Choice("Blackjack-v1"), WorldError, "only vectors of numbers"),
        (Choice("os:CartPole-v1"), WorldError, "without a module"),
        (Choice("cartpole", seed=2**63 - 2, seeds=3), SettingError, "seed must be a whole number"),
        (Choice("digits", settings={"folder": "/nowhere"}), WorldError, "nowhere"),
    ],
)
def test_what_cannot_be_is_one_sentence(choice, error, words):
    with pytest.raises(error) as raised:
        prepare_trainings(choice)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
    assert why_impossible(lambda text: choice, "") == str(raised.value)


def test_without_box2d_the_lander_is_grey_and_says_why(monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "Box2D" else there(name, *rest)
    )
    rows = {row.key: row for row in menu_rows(Choice("cartpole"), ())}
    assert rows["lesson lunarlander"].grey
    assert rows["lesson lunarlander"].note == "needs Box2D"
    assert not rows["lesson cartpole"].grey


def test_what_is_wrong_stands_first_and_the_rest_stays():
    words = [paragraph.text for paragraph in about_lesson(Choice("lunarlander"), (), "it needs \x1b[2J Box2D")]
    assert words[0].startswith("Land between")
    assert words[1] == "it needs ?[2J Box2D"
    assert "What it teaches" in words


@pytest.mark.parametrize("name", NAMES)
def test_every_shelf_explains_what_is_on_it(name):
    scenario = described(name)
    assert {row.key for row in menu_rows(Choice(name), ())} >= {f"lesson {other}" for other in NAMES}
    assert len(scenario.teaches) > 100
    assert len(scenario.look_for) > 80
    assert scenario.title != scenario.name


# ── launching ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_launch_begins_as_many_as_there_are_places_and_the_others_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(launching, "places_here", lambda: 1)
    begun = launch(Choice("cliffwalking", seed=3, seeds=2, lanes=1, episodes=10**6, runs=str(tmp_path)))
    try:
        assert [run.manifest.seed for run in begun.runs] == [3, 4]
        assert sorted(overview(run)["status"] for run in begun.runs) == ["running", "waiting"]
        assert begun.waiting == 1
        assert begun.sentence == "2 trainings: 1 learns now, 1 waits for a free core"
    finally:
        for run in begun.runs:
            os.kill(lock_holder(run.lock), signal.SIGKILL)


def test_what_a_launch_says():
    one, two, three = (("run",) * count for count in (1, 2, 3))
    assert Launch(one).sentence == ""
    assert "waits for a free core" in Launch(one, 1).sentence
    assert Launch(two).sentence == "2 trainings: 2 learn now"
    assert Launch(three, 2).sentence == "3 trainings: 1 learns now, 2 wait for a free core"


def test_directories_of_a_launch_that_fails_are_taken_back(tmp_path, monkeypatch):
    made = []

    def full(experiment, budget, root):
        if made:
            raise RunError(root, "cannot hold a new run", "make room")
        made.append(open_training(experiment, budget, root))
        return made[0]

    open_training = launching.open_training
    monkeypatch.setattr(launching, "open_training", full)
    with pytest.raises(RunError, match="make room"):
        launch(Choice("cliffwalking", seeds=2, runs=str(tmp_path)))
    assert len(made) == 1
    assert not list(tmp_path.glob("*/run.json"))


# ── the screen ───────────────────────────────────────────────────────────────────────────────────────────


class Recording(RltopApp):
    """Starts no trainer and shows no run: remembers what it was asked to."""

    def __init__(self, **options):
        super().__init__(**options)
        self.asked = []

    def _launch(self, choice):
        self.asked.append(choice)

    def open_run(self, path):
        self.asked.append(path)

    def open_monitor(self, paths):
        self.asked.append(list(paths))


async def test_t_trains_what_is_chosen_and_w_shows_all_runs(tmp_path):
    memory = Memory("cartpole", ("ppo",), {"gamma": "0.9"}, 5)
    app = Recording(memory=memory)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "t", "t")  # the second one waits for the first
        await press(pilot, "w")
        wanted = Choice("cartpole", ("ppo",), {"gamma": "0.9"}, 5)
        assert app.asked == [wanted, [wanted.runs_directory]]
        assert (app.memory.scenario, app.memory.algorithms) == ("cartpole", ("ppo",))
        assert "begins ..." in text_of(app.screen)
        app.post_message(Launched(None, "the disk is \x1b[2J full"))
        await settle(pilot)
        (told,) = app._notifications
        assert told.message == "the disk is ?[2J full"
        assert "begins ..." not in text_of(app.screen)
        await press(pilot, "t")
        assert app.asked[2:] == [wanted]


async def test_one_run_is_shown_and_several_are_compared():
    app = Recording()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        first, second = (type("Run", (), {"path": name}) for name in "ab")
        app.post_message(Launched(Launch((first,))))
        await settle(pilot)
        app.post_message(Launched(Launch((first, second), 1, ("it may never end",))))
        await settle(pilot)
        assert app.asked == ["a", ["a", "b"]]
        assert [told.message for told in app._notifications] == [
            "it may never end",
            "2 trainings: 1 learns now, 1 waits for a free core",
        ]
        assert set(app.started) == {"a", "b"}


async def test_a_choice_that_cannot_be_is_not_trained(monkeypatch):
    monkeypatch.setattr("tui.picker.preparing.experiments_of", raise_world_error)
    app = Recording(memory=Memory("cartpole"))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert "it needs a package" in text_of(screen)
        await press(pilot, "t", "enter")
        assert app.asked == []
        assert app._notifications


def raise_world_error(choice):
    raise WorldError("it needs a package")


async def test_another_environment_is_asked_for_until_there_is_one():
    app = Recording()
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        dialog = await click_on(pilot, "other environment")
        assert isinstance(dialog, ValueDialog)
        await press(pilot, *"Nowhere-v0", "enter")
        assert "there is no environment 'Nowhere-v0'" in text_of(app.screen)
        await press(pilot, *["backspace"] * 10, *"CartPole-v1", "enter")
        screen = await settle(pilot)
        assert screen.choice == Choice("CartPole-v1")
        assert isinstance(screen.ready.experiments[0], ControlExperiment)
        assert screen.query_one(Menu).current.label == "CartPole-v1"


@pytest.mark.parametrize("remembered", [False, True])
async def test_an_environment_with_continuous_actions_is_learnt_by_ppo(remembered, monkeypatch):
    monkeypatch.setattr("scenarios.catalog.environment._continuous", {})  # as in a process that has made none
    app = Recording(memory=Memory("Pendulum-v1" if remembered else "gridworld"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        if not remembered:
            await click_on(pilot, "other environment")
            await press(pilot, *"Pendulum-v1", "enter")
            screen = await settle(pilot)
        assert screen.ready.problem == ""
        assert (screen.choice, screen.choice.chosen) == (Choice("Pendulum-v1"), ("ppo",))
        assert [row.label for row in screen.query_one(Menu).rows if row.kind == "algorithm"] == ["PPO"]
        assert "clip" in {setting.key for setting in screen.settings}
        await press(pilot, "t")
        assert app.asked == [screen.choice]


@pytest.mark.parametrize(
    "name", ["cartpole", *(pytest.param(name, marks=pytest.mark.slow) for name in DEEP if name != "cartpole")]
)
async def test_enter_opens_the_lesson_of_a_network(name):
    app = Recording(memory=Memory(name))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        screen = await settle(pilot)
        assert isinstance(screen, LessonScreen)
        assert screen.session.lesson.focused.experiment.scenario.name == name
        assert app.asked == []


async def test_a_lesson_that_cannot_be_is_a_sentence():
    app = Recording(memory=Memory("lunarlander", settings={"workers": "2"}))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        await press(pilot, "enter")
        assert await settle(pilot) is screen
        assert [told.message for told in app._notifications] == [
            "a lesson acts in its own process: workers must be 0, got 2"
        ]


async def test_digits_are_shown():
    async with Recording(memory=Memory("digits")).run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        assert isinstance(screen.ready.experiments[0], DataExperiment)
        assert "▀" in text_of(screen)


@pytest.mark.parametrize("memory", [Memory("cartpole", ("sarsa",)), Memory("taxi", ("no such",)), Memory("nowhere")])
async def test_a_memory_of_what_never_was(memory):
    async with Recording(memory=memory).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert screen.ready.experiments


def test_trainings_that_go_on_are_named_when_the_app_ends(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("RLTOP_RUNS", str(tmp_path / "usual"))
    (training,), _ = prepare_trainings(Choice("cliffwalking"))
    usual, ended, elsewhere = (
        open_training(training.experiment, training.budget, tmp_path / name)
        for name in ("usual", "usual", "else where")
    )
    with exclusive_lock(usual.lock), exclusive_lock(elsewhere.lock):
        tell_what_goes_on([usual, ended, elsewhere])
    assert capsys.readouterr().out.splitlines() == [
        f"{usual.path.name} goes on: rltop attach {usual.path.name} follows it",
        f"{elsewhere.path.name} goes on: rltop attach '{elsewhere.path}' follows it",
    ]
