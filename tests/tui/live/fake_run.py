"""A run that is followed without files that grow: what a follower would have read, told by tests."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from textual.pilot import Pilot

from algorithms.contract import Thoughts
from scenarios.catalog import any_scenario_named
from scenarios.catalog.scenario import ControlScenario
from scenarios.experiment import decide_control, prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.control import Change
from scenarios.runs.curvestore import CurveStore
from scenarios.runs.directory import Result, Run
from scenarios.runs.frames import Frame, TableFrame
from scenarios.runs.progress import Heartbeat, Progress
from scenarios.runs.tfevents import Series
from scenarios.runs.training import open_training
from tests.tui.driving import send_key, text_of
from tui.app import RltopApp
from tui.live.messages import CommandSent
from tui.live.screen import LiveScreen
from tui.messages import ScreenViewChanged

GROUND = np.array([2.0, 2.5, 3.4, 3.3, 3.3, 3.3, 3.3, 3.3, 2.2, 3.0, 4.5], np.float32)
LENGTH = 20  # frames of an episode
METRICS = (
    "episode/count",
    "episode/return",
    "episode/length",
    "evaluation/return",
    "policy/entropy",
    "policy/kl",
    "policy/clip_fraction",
    "value/explained_variance",
    "loss/value",
    "loss/policy",
    "update/gradient_norm",
    "time/steps_per_second",
)


def series(count: int, *, seed: int = 0, last: float = 200.0) -> Series:
    """A curve that rises with some noise."""
    steps = np.linspace(0, 100_000, count + 1)[1:].astype(np.int64)
    values = np.linspace(-last, last, count) + 20 * np.random.default_rng(seed).normal(size=count)
    return Series(steps, 1e9 + steps / 5000.0, values.astype(np.float32))


def counts(count: int) -> Series:
    """The episodes that had ended."""
    points = series(count)
    return points._replace(values=np.arange(1, count + 1, dtype=np.float32))


def lander(step: int, episode: int = 0, *, length: int = LENGTH, env_steps: int | None = None) -> Frame:
    """A moment of a ship that comes down."""
    down = 1.3 * (1 - step / length)
    obs = np.array([0.2 * down, down, 0, -0.3, 0.1 * down, 0, step == length - 1, step == length - 1], np.float32)
    thoughts = Thoughts("probability", np.array([0.1, 0.1, 0.7, 0.1], np.float32), np.float32(50 * down))
    steps = env_steps if env_steps is not None else 20_000 * (episode + 1) + 5 * step
    action = np.array([2 if step % 2 else 0], np.float32)
    return Frame(
        steps, episode, 5 * step, steps / 500, obs, action, 1.0, 3.0 * step, step == length - 1, thoughts, GROUND
    )


def landings(episodes: int) -> list[Frame]:
    """Whole episodes, one after the other."""
    return [lander(step, episode) for episode in range(episodes) for step in range(LENGTH)]


class FakeFrames:
    """Frames as a `FrameReader` has them."""

    def __init__(self, frames: Sequence[Frame | TableFrame] = (), rate: float = 15.0) -> None:
        self.frames, self.rate, self.restarts = list(frames), rate, 0

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, i: int) -> Frame | TableFrame:
        return self.frames[i]

    def at_step(self, env_steps: int) -> int:
        return max(0, sum(frame.env_steps <= env_steps for frame in self.frames) - 1)

    def episode_of(self, i: int) -> range:
        if not self.frames or isinstance(self.frames[i], TableFrame):
            return range(len(self.frames))
        same = [n for n, frame in enumerate(self.frames) if frame.episode == self.frames[i].episode]
        return range(same[0], same[-1] + 1)


def store_of(found: dict[str, Series]) -> CurveStore:
    """Metrics as a follower has read them."""
    store = CurveStore(Path("nowhere"))
    store.extend(found)
    return store


@dataclass
class FakeFollower:
    """Tells once what it was made with, and then what tests have put in its place and announced."""

    run: Run
    curves: CurveStore = field(
        default_factory=lambda: store_of(
            {name: series(40, seed=n) for n, name in enumerate(METRICS)} | {"episode/count": counts(40)}
        )
    )
    frames: FakeFrames = field(default_factory=lambda: FakeFrames(landings(3)))
    said: Heartbeat | None = None
    result: Result | None = None
    status: str = "running"
    log: Sequence[str] = ()
    generation: int = 0
    fault: str | None = None
    damage: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    checkpoint: int | None = None
    news: set[str] = field(default_factory=lambda: {"status", "curves", "frames", "log"})
    stalled: threading.Event | None = None  # a poll waits for it
    polls: int = 0

    def poll(self) -> frozenset[str]:
        self.polls += 1
        if self.stalled is not None:
            self.stalled.wait(20)
        news, self.news = frozenset(self.news), set()
        return news

    def tell(self, *news: str, **changed: Any) -> None:
        """Something is new."""
        for name, value in changed.items():
            setattr(self, name, value)
        self.news |= set(news)


def heartbeat(**changed: Any) -> Heartbeat:
    """A trainer's word, of a process that is none."""
    progress = Progress(20.0, 100_000, 420, 0, 0.4, 123.4, None, None, 180.5)
    return Heartbeat("running", -1, 4000, replace(progress, **changed))


def ended(status: str = "finished", **changed: Any) -> Result:
    """How a run ended."""
    result = Result(status, 250_000, 900, 60.0, 4166.0, 210.0, 264.1, 90.0, None)  # type: ignore[arg-type]
    return replace(result, **changed)


def new_run(root: Path, scenario: str = "lunarlander", algorithm: str | None = None) -> Run:
    """A run directory as `rltop train` begins it, in which nothing learns and no environment was made."""
    chosen = any_scenario_named(scenario)
    deep = isinstance(chosen, ControlScenario)
    experiment = decide_control(chosen, algorithm) if deep else prepare_run(scenario, algorithm)
    budget, _ = budget_for(experiment, 100_000 if deep else None, None, sweeps_given=False)
    return open_training(experiment, budget, root)


def learning(run: Run, **changed: Any) -> FakeFollower:
    """A run that learns, with three recorded episodes."""
    return FakeFollower(
        run, **{"said": heartbeat(), "log": ("2026-01-02 03:04:05 goes on after 12 transitions",), **changed}
    )


class LiveApp(RltopApp):
    """The app with nothing but a live screen; remembers what it was told."""

    def __init__(self, follower: FakeFollower, *, started_here: bool = False, ascii_only: bool = False) -> None:
        self.follower = follower
        self.live = LiveScreen(follower.run, {}, follow=lambda run: follower, started_here=started_here)
        super().__init__(ascii_only=ascii_only, begin=lambda app: app.push_screen(self.live))
        self.sent: list[CommandSent] = []
        self.views: list[dict[str, Any]] = []

    def on_command_sent(self, event: CommandSent) -> None:
        self.sent.append(event)

    def on_screen_view_changed(self, event: ScreenViewChanged) -> None:
        self.views.append(dict(event.view))


@dataclass
class Driver:
    """Presses keys and waits until they have had their effect."""

    app: LiveApp
    pilot: Pilot[None]

    @property
    def session(self) -> Any:
        return self.app.live.session

    @property
    def on_top(self) -> Any:
        return self.app.screen

    @property
    def text(self) -> str:
        return text_of(self.app)

    def pane(self, name: str) -> str:
        return str(self.app.live.query_one(f"#{name}").cells)

    async def press(self, *keys: str) -> None:
        """Press keys one by one, each when all that the one before has set off is done; `Pilot.press` waits longer."""
        for key in keys:
            send_key(self.app, key)
            await self.settle()

    async def settle(self) -> None:
        """Wait until messages have gone from the app to the screen, its widgets, and back, and all is painted."""
        for _ in range(3):
            await self.pilot._wait_for_screen()
        if self.app.workers:
            await self.app.workers.wait_for_complete()
            await self.pilot._wait_for_screen()
        live = self.app.live
        if live._turns.owes:
            live.tick()
        if live._turns.owes and live._turns.free and self.on_top is live:
            live._paint_all()  # what the budget of bytes would let wait a little longer, too

    async def stop_time(self) -> None:
        """From now on only keys change the screen: nothing ticks, is read, or waits to be painted."""
        live = self.app.live
        live._clocks._often.stop()
        live._clocks._seldom.stop()
        self.session.watch.stop()
        await self.settle()
        live._turns.forget(set(live.arrangement.places))

    async def looked(self) -> None:
        """Wait until the follower was asked again and what it told is on the screen."""
        follower, watch = self.app.follower, self.session.watch
        before, deadline = follower.polls, time.monotonic() + 20
        watch.hurry()
        while follower.polls < before + 2 or follower.news:
            assert time.monotonic() < deadline, "nobody looks at the run"
            watch.hurry()
            await asyncio.sleep(0.005)
        self.app.live._last -= 1.0
        self.app.live.tick()
        self.app.live._paint_all()
        await self.settle()


@asynccontextmanager
async def opened(
    follower: FakeFollower, size: tuple[int, int] = (120, 40), *, moves: bool = False, **options: Any
) -> AsyncIterator[Driver]:
    """A live screen of a run; unless it `moves` time shows no other frame by itself."""
    app = LiveApp(follower, **options)
    app.live.session.playback.frozen = not moves
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.looked()
        yield driver


def control_lines(run: Run) -> list[str]:
    """What stands in the control file of a run."""
    return run.control.read_text().splitlines() if run.control.exists() else []


class GrowingFollower(FakeFollower):
    """A run that learns on with every look, until it is asked for something: then it pauses."""

    def poll(self) -> frozenset[str]:
        news = super().poll()
        if control_lines(self.run):
            paused = self.status == "running"
            self.status = "paused"
            return news | ({"status"} if paused else frozenset())
        rng = np.random.default_rng(self.polls)
        steps = np.array([100_000 + 400 * self.polls])
        for name in METRICS:
            value = np.array([200 + 30 * rng.normal()], np.float32)
            self.curves.extend({name: Series(steps, 1e9 + steps / 5000, value)})
        self.said = heartbeat(env_steps=int(steps[0]), seconds=20 + self.polls / 12, share=0.4)
        if self.polls % 20 == 0:
            episode = len(self.frames) // LENGTH
            self.frames.frames += [lander(step, episode) for step in range(LENGTH)]
        return news | {"status", "curves", "frames"}


def growing(run: Run) -> FakeFollower:
    """A run that learns on by itself."""
    return GrowingFollower(run, said=heartbeat())
