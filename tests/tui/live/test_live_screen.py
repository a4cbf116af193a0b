"""The live screen by its keys: what it shows, what it asks a run for, and that it never writes anything else."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from algorithms.schedules import Constant
from scenarios.runs.control import Change, Command, parse
from scenarios.runs.diagnosis import Diagnosis, diagnose
from scenarios.runs.following import RunFollower
from scenarios.runs.frames import TableFrame
from scenarios.runs.tfevents import Series
from tests.tui.driving import text_of
from tests.tui.live.fake_run import (
    LENGTH,
    FakeFrames,
    control_lines,
    ended,
    heartbeat,
    landings,
    learning,
    new_run,
    opened,
    series,
    store_of,
)
from tui.app import RltopApp
from tui.drawing.charts import GUTTER
from tui.drawing.theme import UNICODE
from tui.help.screen import curve_paragraphs
from tui.lesson.pane import Pane
from tui.live.screen import FEW_TICKS, LiveScreen
from tui.live.watch import BUSY, EAGER, LONGEST, SHARE, Watch
from tui.monitor.screen import MonitorScreen
from tui.pacing import CROWDED_PACE
from tui.picker.choice import Choice
from tui.picker.screen import PickerScreen


@pytest.fixture
def run(tmp_path):
    return new_run(tmp_path)


@pytest.fixture(autouse=True)
def healthy(monkeypatch):
    monkeypatch.setattr("tui.live.drawings.diagnose", lambda *_, **__: [])


async def test_everything_of_a_run_that_learns_is_there(run):
    async with opened(learning(run), (200, 60)) as d:
        text = d.text
        for part in (
            "Lunar lander · PPO",
            "step 100 000 of 100 000",
            "learning",
            "recorded episode 3, step 0",
            "what the network thinks",
            "main engine",
            "return per episode",
            "greedy evaluation",
            "entropy",
            "clip fraction",
            "40%",
            "30 s left",
            "steps/s",
            "123.4 over 100 episodes",
            "180.5 best evaluation",
            "goes on after 12 transitions",
            "space pause",
        ):
            assert part in text


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("space", Command("pause")),
        ("full_stop", Command("step", n=1)),
        ("k", Command("checkpoint")),
        ("e", Command("evaluate")),
    ],
)
async def test_a_key_is_a_line_in_the_control_file(run, key, command):
    async with opened(learning(run)) as d:
        await d.press(key)
        assert [(event.path, event.command) for event in d.app.sent] == [(run.path, command)]
        assert [parse(line.encode()) for line in control_lines(run)] == [command]
        assert "asked" in d.pane("header")
        assert "asked" in d.pane("messages")


async def test_a_paused_run_goes_on_by_the_same_key(run):
    async with opened(learning(run, status="paused")) as d:
        assert f"{UNICODE.pause} paused" in d.pane("header")
        assert "space go on  . update" in d.text
        assert "space pause" not in d.text
        d.app.follower.tell("status", status="running")
        await d.looked()
        assert "space pause  . update" in d.text
        d.app.follower.tell("status", status="paused")
        await d.looked()
        await d.press("space")
        assert d.app.sent[0].command == Command("resume")


def test_the_help_has_the_words_of_the_screen():
    found = curve_paragraphs()
    heads = [paragraph.text for paragraph in found if paragraph.look == "formula"]
    for head in (
        "mean Q (value/q_mean), in reward",
        "KL divergence (policy/kl), in nat",
        "clip fraction (policy/clip_fraction)",
    ):
        assert head in heads
    assert {"greedy", "work", "updates", "rate", "explores"} <= {paragraph.name for paragraph in found}


async def test_a_small_footer_has_what_a_run_is_asked_for(run):
    async with opened(learning(run), (80, 24)) as d:
        footer = d.text.splitlines()[-1]
        for part in ("space pause", "e evaluate", "S stop", "? help", "q quit"):
            assert part in footer


@pytest.mark.parametrize("status", ["running", "solved"])
async def test_only_a_board_has_layers_in_the_footer(run, tmp_path, status):
    tabular = new_run(tmp_path / "tabular", "cliffwalking", "q-learning")
    for one, has_board in ((run, False), (tabular, True)):
        told = {"result": ended("solved"), "said": None} if status == "solved" else {}
        async with opened(learning(one, status=status, frames=FakeFrames(), **told), (200, 60)) as d:
            assert ("v layer" in d.text.splitlines()[-1]) == has_board


async def test_stopping_asks_first(run):
    async with opened(learning(run)) as d:
        await d.press("S")
        assert d.on_top is not d.app.live
        await d.press("escape")
        assert not d.app.sent
        await d.press("S", "1")
        assert not d.app.sent
        await d.press("S", "2")
        assert [event.command for event in d.app.sent] == [Command("stop")]


async def test_a_setting_is_changed_after_it_was_checked(run):
    async with opened(learning(run)) as d:
        await d.press("a")
        keys = d.session.facts.changeable
        assert "learning_rate" in keys
        assert "epochs" not in keys
        assert "linear(" in d.text
        await d.press(str(keys.index("learning_rate") + 1))
        for letter in "9":
            await d.press(letter)
        await d.press("enter")
        assert "learning_rate must be in [0, 1]" in d.text
        assert not d.app.sent
        await d.press("backspace", *"0.001", "enter")
        await d.settle()
        assert d.on_top is d.app.live
        assert d.app.sent[0].command == Command("set", key="learning_rate", value="0.001")
        await d.press("plus")
        assert re.search(r"learning_rate +0\.001", d.text)


async def test_scrubbing_moves_environment_thoughts_and_curves_together(run):
    async with opened(learning(run)) as d:
        assert d.session.playback.at == 2 * LENGTH  # the newest
        await d.press("home")
        before = {name: d.pane(name) for name in ("world", "thoughts", "returns", "diagnostics")}
        await d.press("pagedown", "right", "right", "right")
        assert d.session.playback.at == LENGTH + 3
        assert "looking back: step 40 015, recorded episode 2" in d.pane("header")
        assert "recorded episode 2, step 15" in d.pane("world")
        for name, text in before.items():
            assert d.pane(name) != text
        await d.press("comma", "left")
        assert d.session.playback.at == LENGTH + 1
        await d.press("pageup")
        assert d.session.playback.at == LENGTH
        await d.press("pageup")
        assert d.session.playback.at == 0
        await d.press("right", "home")
        assert d.session.playback.at == 0
        await d.press("end")
        assert d.session.env_steps is None
        assert d.session.playback.at == 2 * LENGTH
        assert not control_lines(run)


async def test_a_finished_run_can_be_scrubbed_and_played(run):
    follower = learning(run, status="solved", said=None, result=ended("solved"))
    async with opened(follower) as d:
        assert "solved after 1 min 0 s" in d.pane("numbers")
        assert "264.1 best evaluation" in d.pane("numbers")
        d.session.playback.frozen = False
        await d.press("home", "space")
        assert d.session.playback.playing
        d.app.live._last -= 0.2
        d.app.live.tick()
        assert d.session.playback.at > 0
        await d.press("space", "k")
        assert "the run is solved" in d.pane("header")
        assert not control_lines(run)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_returns_are_a_mean_of_is_told_in_full(run, size):
    for episodes, told in (
        (420, "-1234 over 100 episodes"),
        (7, "-1234 over 7 episodes"),
        (1, "-1234 over 1 episode "),
    ):
        async with opened(learning(run, said=heartbeat(return_mean=-1234.5, episodes=episodes)), size) as d:
            assert told in f"{d.text} "


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_planning_is_told_in_sweeps(tmp_path, size):
    planned = new_run(tmp_path, "gridworld", "value-iteration")
    changes = store_of({"sweep/largest_change": Series(np.arange(1, 5), np.zeros(4), np.array([4, 2, 1, 1e-9], "f4"))})
    under_way = heartbeat(env_steps=0, episodes=0, sweeps=4, share=None, return_mean=None, largest_change=1e-9)
    solved = ended("solved", env_steps=0, episodes=0, return_mean=None, sweeps=4)
    for told in ({"said": under_way}, {"said": None, "result": solved, "status": "solved"}):
        async with opened(learning(planned, curves=changes, frames=FakeFrames(), **told), size) as d:
            assert re.search(r"work +4 sweeps", d.pane("numbers"))
            assert "1e-9 in the last sweep" in d.pane("numbers")
            assert "below θ = 1e-8" in d.pane("numbers")
            assert re.search(r"sweep 4 |4 sweeps ", d.pane("header"))
            assert "largest change per sweep: 1.0e-9" in d.pane("returns")
            for none in ("steps", "episodes", "none yet"):
                assert none not in d.pane("numbers") + d.pane("header")


async def test_time_plays_the_newest_episode(run):
    async with opened(learning(run), moves=True) as d:
        d.session.playback.follow(d.session.seen.newest)
        for _ in range(5):
            d.app.live._last -= 0.1
            d.app.live.tick()
        assert d.session.frame.episode == 2
        assert d.session.playback.at > 2 * LENGTH


async def test_curves_are_looked_at_in_other_ways(run):
    async with opened(learning(run)) as d:
        await d.press("m")
        assert d.session.metric == "policy/entropy"
        assert "entropy" in d.pane("returns")
        await d.press("M")
        assert d.session.metric == "episode/return"
        for key, name, value in (("x", "axis", "episodes"), ("l", "log_y", True), ("s", "smoothing", 0.97)):
            before = d.pane("returns")
            await d.press(key)
            assert getattr(d.session.view, name) == value
            assert d.pane("returns") != before
        assert d.app.views[-1]["smoothing"] == 0.97
        assert "log_y" not in d.app.views[-1]
        await d.press("x")
        assert "seconds" in d.pane("returns")


async def test_what_moves_can_be_frozen(run):
    async with opened(learning(run), moves=True) as d:
        await d.press("f")
        assert d.session.playback.frozen
        at = d.session.playback.at
        d.app.live._last -= 5
        d.app.live.tick()
        assert d.session.playback.at == at
        await d.press("f")
        assert not d.session.playback.frozen


async def test_a_small_screen_goes_through_its_panes(run):
    async with opened(learning(run), (80, 24)) as d:
        seen = []
        for _ in range(4):
            seen.append(d.session.view.lower)
            await d.press("tab")
        assert seen == ["returns", "diagnostics", "messages", "numbers"]
        assert d.session.view.lower == "returns"
        await d.press("shift+tab", "m")
        assert d.session.view.lower == "returns"  # the pane that the key is about


async def test_a_pane_has_the_whole_screen(run):
    async with opened(learning(run)) as d:
        await d.press("tab", "z")
        assert d.session.view.zoomed == "world"
        assert set(d.app.live.arrangement.places) == {"header", "world", "footer"}
        await d.press("tab", "enter")
        assert d.session.view.zoomed is None
        await d.press("z", "escape")
        assert d.session.view.zoomed is None
        assert d.on_top is d.app.live


async def test_the_focus_moves_without_the_rest_being_painted(run, monkeypatch):
    async with opened(learning(run)) as d:
        await d.press("tab")
        await d.stop_time()
        painted, repaint, left = [], Pane.repaint, d.app.live.focused.name
        monkeypatch.setattr(Pane, "repaint", lambda pane: (painted.append(pane.name), repaint(pane))[1])
        whole = []
        monkeypatch.setattr(d.app.live, "refresh", lambda *regions, **_: whole.append(regions))
        await d.press("tab")
        assert set(painted) == {left, d.app.live.focused.name}
        assert () not in whole


async def test_leaving_leaves_the_run_alone(run):
    for key in ("d", "escape", "q"):
        async with opened(learning(run)) as d:
            await d.press(key)
            assert d.app.code == 0
    assert not control_lines(run)


async def test_q_leaves_a_run_though_a_pane_has_the_whole_screen(run):
    async with opened(learning(run)) as d:
        await d.press("z", "d")
        assert (d.session.view.zoomed, d.app.code) == (None, None)
        await d.press("z", "q")
        assert d.app.code == 0


@pytest.mark.parametrize("status", ["running", "solved"])
async def test_the_footer_names_what_leaving_comes_back_to(run, status):
    told = {"status": status, "result": ended("solved") if status == "solved" else None}
    async with opened(learning(run, **told)) as d:
        footer = d.text.splitlines()[-1]
        assert footer.endswith("q quit")
        assert " d " not in footer
    for screen, words in (
        (PickerScreen(Choice("lunarlander")), "q to the picker"),
        (MonitorScreen([run.path], {}), "q to the runs"),
    ):
        async with RltopApp(begin=lambda app, below=screen: app.push_screen(below)).run_test(size=(120, 40)) as pilot:
            pilot.app.open_run(run.path)
            await pilot.pause(0.2)
            assert text_of(pilot.app).splitlines()[-1].endswith(words)
            await pilot.press("q")
            await pilot.pause()
            assert pilot.app.screen is screen


async def test_a_run_started_here_may_also_be_stopped(run):
    async with opened(learning(run), started_here=True) as d:
        await d.press("q")
        assert "goes on learning" in d.text
        await d.press("3")
        assert d.app.code is None
        await d.press("q", "2")
        assert d.app.code == 0
    assert [parse(line.encode()).name for line in control_lines(run)] == ["stop"]


async def test_a_dead_run_says_how_it_goes_on(run, monkeypatch):
    started = []
    monkeypatch.setattr("tui.live.asking.start", lambda run, *, resume: started.append((run.path, resume)) or 4711)
    async with opened(learning(run, status="dead", checkpoint=17_500)) as d:
        assert "died: press r to resume" in d.pane("header")
        assert f"rltop resume {run.path.name}" in d.text
        assert "left" not in d.pane("numbers")
        goes_on = "goes on from its newest checkpoint (17 500 updates)"
        assert goes_on in re.sub(r"[│\s]+", " ", d.pane("messages"))
        await d.press("r")
        assert f"it {goes_on}" in d.text
        await d.press("2")
        assert not started
        await d.press("r", "1")
        await d.settle()
        assert started == [(run.path, True)]
        assert "learns again in process 4711" in d.pane("header")


async def test_a_run_that_died_early_begins_anew(run):
    async with opened(learning(run, status="dead")) as d:
        assert "begins anew, as there is no checkpoint" in re.sub(r"[│\s]+", " ", d.pane("messages"))
        await d.press("r")
        assert "it begins anew, as there is no checkpoint" in d.text


async def test_a_run_that_is_gone_is_not_gone_on_with(run):
    shutil.rmtree(run.path)
    found = RunFollower(run)
    found.poll()
    async with opened(learning(run, status=found.status, fault=found.fault), (200, 60)) as d:
        assert "cannot be read" in d.pane("header")
        assert "is gone: the run's directory was moved" in re.sub(r"[│\s]+", " ", d.pane("messages"))
        for offered in ("died", "resume"):
            assert offered not in d.text
        await d.press("r")
        assert d.on_top is d.app.live
        assert "is gone" in d.session.message


async def test_a_run_that_has_ended_for_good_does_not_go_on(run):
    async with opened(learning(run, status="finished", said=None, result=ended())) as d:
        await d.press("r")
        assert d.on_top is d.app.live
        assert "the run is finished" in d.pane("header")


async def test_a_diagnosis_is_a_sentence_with_what_to_try(run, monkeypatch):
    found = [Diagnosis("r", "policy/entropy", "warning", "The entropy fell.", "Raise the bonus.")]
    monkeypatch.setattr("tui.live.drawings.diagnose", lambda *_, **__: found)
    async with opened(learning(run)) as d:
        assert "! The entropy fell. Raise the bonus." in d.pane("messages")


@pytest.mark.parametrize("status", ["solved", "finished", "stopped"])
async def test_a_diagnosis_of_the_whole_run_stays_when_it_has_ended(run, monkeypatch, status):
    monkeypatch.setattr("tui.live.drawings.diagnose", diagnose)
    flat = store_of({"episode/return": series(100, last=0.0)})
    async with opened(learning(run, curves=flat, status=status, said=None, result=ended(status))) as d:
        assert ("The return has not risen yet" in d.pane("messages")) == (status != "stopped")


async def test_a_trainer_that_cannot_write_is_a_warning(run, monkeypatch):
    monkeypatch.setattr("tui.live.drawings.diagnose", diagnose)
    async with opened(learning(run, said=heartbeat(unkept="the disk is full."))) as d:
        assert "! Not all is kept: the disk is full." in d.pane("messages")
        d.app.follower.tell("status", status="dead")
        await d.looked()
        assert "Not all is kept" not in d.pane("messages")


async def test_a_run_without_a_frame_waits_for_one(run):
    async with opened(learning(run, frames=FakeFrames())) as d:
        assert "no moment recorded yet" in d.pane("world")
        await d.press("right", "home", "end", "pageup", "pagedown", "p")
        assert "nothing was recorded yet" in d.pane("header")
        d.app.follower.tell("frames", frames=FakeFrames(landings(1)))
        await d.looked()
        assert "recorded episode 1" in d.pane("world")


async def test_a_board_says_when_only_the_largest_q_has_room(tmp_path):
    tabular = new_run(tmp_path, "cliffwalking", "q-learning")
    q = np.zeros((48, 4), np.float32)
    frames = FakeFrames([TableFrame(12, 0.1, 5, 1, q.max(axis=1), q)])
    for size, title in (((120, 40), "max Q, what the best action is worth"), ((240, 60), " Q, what actions are worth")):
        async with opened(learning(tabular, frames=frames), size) as d:
            await d.press("v")
            assert title in d.pane("world").splitlines()[0]
            await d.press("v")
            assert "policy, the greedy actions" in d.pane("world")


async def test_an_ended_run_without_frames_has_its_curves_only(run):
    follower = learning(run, status="finished", said=None, result=ended(), frames=FakeFrames())
    async with opened(follower) as d:
        assert "world" not in d.app.live.arrangement.places
        assert "return per episode" in d.text


async def test_news_come_to_the_screen(run):
    async with opened(learning(run)) as d:
        d.app.follower.tell("status", said=heartbeat(return_mean=-321.5))
        await d.looked()
        assert "-321.5" in d.pane("numbers")
        d.app.follower.tell("status", status="finished", said=None, result=ended())
        await d.looked()
        assert "finished" in d.pane("header")


async def test_a_disk_that_does_not_answer_keeps_no_key_waiting(run):
    async with opened(learning(run)) as d:
        d.app.follower.stalled = threading.Event()
        while not d.session.watch._lock.locked():
            d.session.watch.hurry()
            await d.pilot.pause(0.01)
        try:
            curves = d.pane("returns")
            await d.press("x", "right", "m", "tab", "question_mark")
            assert d.on_top is not d.app.live
            await d.press("escape")
            assert d.pane("returns") == curves
        finally:
            d.app.follower.stalled.set()
            d.app.follower.stalled = None


async def test_what_cannot_be_read_is_said(run):
    async with opened(learning(run)) as d:
        d.app.follower.tell("status", fault="the disk is gone: look at it")
        await d.looked()
        assert "cannot be read" in d.pane("header")
        assert "the disk is gone: look at it" in d.pane("messages")


@pytest.mark.parametrize("axis", [0, 1, 2], ids=["steps", "episodes", "seconds"])
async def test_a_click_on_a_chart_goes_to_that_moment(run, axis):
    async with opened(learning(run, frames=FakeFrames(landings(4)))) as d:
        await d.press(*["x"] * axis)
        for pane in ("returns", "diagnostics"):
            await d.press("end")
            chart = d.app.live.query_one(f"#{pane}")
            (place, axes), *_ = d.app.live.drawings._charts.drawn[pane]
            share = axes.x.share(np.array([[60_000, 24, 12][axis]]))[0]  # of a hundred thousand, of 40, of 20
            left = place.col + GUTTER + round(share * (place.width - GUTTER - 1))
            await d.pilot.click(chart, offset=(left + 1, place.row + 4))
            await d.settle()
            assert abs(d.session.frame.env_steps - 60_000) < 2000
            assert "looking back" in d.pane("header")
        at = d.session.playback.at
        await d.pilot.click("#returns", offset=(2, 4))  # the labels of its axis
        await d.pilot.click("#messages", offset=(20, 2))
        assert d.session.playback.at == at


async def test_a_click_in_the_footer_is_its_key(run):
    async with opened(learning(run)) as d:
        column = d.text.splitlines()[-1].index("pause")
        await d.pilot.click("#footer", offset=(column, 0))
        await d.settle()
        assert [event.command for event in d.app.sent] == [Command("pause")]


async def test_an_unknown_algorithm_still_has_its_curves(run):
    document = json.loads((run.path / "run.json").read_text())
    other = type(run)(
        run.path, type(run.manifest)(**{**vars(run.manifest), "algorithm": "dreamer\x1b[31m", "scenario": "Mars-v9"})
    )
    assert document["algorithm"] == "ppo"
    async with opened(learning(other)) as d:
        assert "dreamer?[31m" in d.text
        assert "return per episode" in d.text
        await d.press("a")
        assert "nothing can be changed" in d.pane("header")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: "{}x{}".format(*size))
async def test_how_it_looks(run, size, check_snapshot):
    async with opened(learning(run), size) as d:
        check_snapshot(d.app, "live-{}x{}".format(*size))


async def test_how_it_looks_in_ascii(run, check_snapshot):
    async with opened(learning(run), (120, 40), ascii_only=True) as d:
        await d.press("pagedown", "right")
        assert d.text.isascii()
        check_snapshot(d.app, "live-ascii-120x40")


async def test_a_sentence_fades(run):
    async with opened(learning(run)) as d:
        await d.press("k")
        assert "asked for a checkpoint" in d.pane("header")
        d.app.live._last -= 10
        d.app.live.tick()
        d.app.live._paint_all()
        assert "step 100 000" in d.pane("header")
        assert "asked for a checkpoint" in d.pane("messages")


async def test_updates_made_one_by_one_show_the_latest_moment(run):
    follower = learning(run, status="paused")
    async with opened(follower, moves=True) as d:
        await d.press("full_stop")
        follower.tell("frames", frames=FakeFrames([*landings(3), *landings(4)[3 * LENGTH : 3 * LENGTH + 4]]))
        await d.looked()
        assert d.session.playback.at == 3 * LENGTH + 3
        assert "recorded episode 4, step 15" in d.pane("world")
        await d.press("space")
        assert not d.session.stepping


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_updates_made_one_by_one_are_counted(run, tmp_path, size):
    def made(transitions):
        return replace(heartbeat(), transitions=transitions)

    follower = learning(run, status="paused", said=made(17_552))
    async with opened(follower, size) as d:
        await d.press(*["tab"] * 3, "full_stop")
        assert re.search(r"updates +17 552\b", d.text)
        follower.tell("status", said=made(17_553))
        await d.looked()
        assert re.search(r"updates +17 553\b", d.text)
    tabular = new_run(tmp_path / "tabular", "cliffwalking", "q-learning")
    async with opened(learning(tabular, frames=FakeFrames())) as d:
        assert "updates" not in d.pane("numbers")


async def test_a_control_file_that_refuses_is_said(run):
    run.control.mkdir()
    async with opened(learning(run)) as d:
        await d.press("space")
        assert not d.app.sent
        assert d.session.mistake
        assert "control.jsonl cannot be written" in d.session.message
        assert "cannot be" in d.pane("messages")


async def test_a_watch_that_breaks_says_so(run, monkeypatch):
    def breaks():
        raise MemoryError("no room")

    async with opened(learning(run)) as d:
        monkeypatch.setattr(d.app.follower, "poll", breaks)
        d.session.watch.hurry()
        while d.session.seen.fault is None:
            d.session.watch.hurry()
            await d.settle()
        d.app.live._paint_all()
        assert "MemoryError: no room" in d.pane("messages")
        await d.press("x", "right")


async def test_on_a_line_that_does_not_keep_up_a_key_is_painted_later(run, monkeypatch):
    waiting = [1000]
    monkeypatch.setattr("tui.pacing.LinePacer.backlog", property(lambda self: waiting[0]))
    async with opened(learning(run)) as d:
        before = d.pane("world")
        await d.press("home", "right", "right")
        assert d.session.playback.at == 2
        assert d.pane("world") == before
        waiting[0] = 0
        for _ in range(20):
            d.app.live.tick()
            d.app.live._last -= 1
        assert "recorded episode 1, step 10" in d.pane("world")
        assert "looking back" in d.pane("header")


async def test_where_others_want_the_cores_the_screen_wakes_up_seldom(run, monkeypatch):
    ticks = []
    tick = LiveScreen.tick
    monkeypatch.setattr(LiveScreen, "tick", lambda self: (ticks.append(time.monotonic()), tick(self)))
    monkeypatch.setattr("tui.pacing.LinePacer.pace", lambda self, now: pace[0])
    pace = [CROWDED_PACE]
    async with opened(learning(run)):
        ticks.clear()
        await asyncio.sleep(1.0)
        assert 1 <= len(ticks) <= FEW_TICKS + 1
        pace[0] = 1.0
        await asyncio.sleep(2 / FEW_TICKS)
        ticks.clear()
        deadline = time.monotonic() + 20
        while len(ticks) < 5 and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        assert min(np.diff(ticks)) < 1 / FEW_TICKS - 0.05


def test_a_poll_that_takes_long_is_made_less_often(run):
    watch = Watch(lambda: learning(run), lambda news: None)
    watch.poll()
    assert watch._pause(0.0) == BUSY
    assert watch._pause(2 * BUSY * SHARE) == pytest.approx(2 * BUSY)
    assert watch._pause(1e3) == LONGEST
    watch.hurry()
    assert watch._pause(1e3) == EAGER


async def test_settings_that_were_changed_before_are_as_they_are_now(run):
    changes = (Change(9, "learning_rate", "0.1"), Change(12, "learning_rate", "0.0123"))
    async with opened(learning(run, changes=changes)) as d:
        assert re.search(r"rate +0\.0123", d.pane("numbers"))
        d.session.ask_to_change("learning_rate", "0.0456")
        assert d.session.config.learning_rate == Constant(0.0456)
        d.app.follower.tell("log", changes=(*changes, Change(15, "learning_rate", "0.0456")))
        await d.looked()
        assert d.session.config.learning_rate == Constant(0.0456)
        d.app.follower.tell("log", changes=(*d.session.seen.changes, Change(20, "learning_rate", "0.07")))
        await d.looked()
        assert d.session.config.learning_rate == Constant(0.07)  # by another client


async def test_what_is_damaged_is_told(run):
    sentence = "The file of its curves, events, is damaged: what came after step 900 cannot be shown."
    async with opened(learning(run, status="finished", result=ended(), damage=(sentence,))) as d:
        assert sentence[:40] in d.pane("messages")


async def test_the_first_curves_and_another_status_are_painted_at_once(run):
    found = learning(run, curves=store_of({}))
    async with opened(found) as d:
        assert "nothing yet" in d.pane("diagnostics")
        await d.stop_time()
        points = Series(np.arange(9), np.arange(9.0), np.arange(9, dtype=np.float32))
        found.curves.extend({"episode/return": points, "policy/entropy": points})
        found.tell("curves", "status", status="paused")
        d.session.watch.poll()
        d.app.live.tick()
        until = time.monotonic() + 1.5  # in its usual turn the pane is painted every two seconds
        while d.app.live._turns.owes and time.monotonic() < until:
            d.app.live.tick()
            await asyncio.sleep(0.02)
        assert "entropy" in d.pane("diagnostics")
        assert "paused" in d.pane("header")
