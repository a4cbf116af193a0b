"""Which recorded moment is shown: the newest whole episode after the other, or where somebody scrubbed to."""

from tests.tui.live.fake_run import LENGTH, FakeFrames, lander, landings
from tui.live.playback import CATCH_UP, REST, Playback
from tui.live.watch import newest_whole

RATE = 15.0


def ticked(playback, frames, seconds, step=1 / 15):
    """Let time pass; every frame that was shown."""
    shown = []
    for _ in range(round(seconds / step)):
        episode = frames.episode_of(max(0, min(playback.at, len(frames) - 1))) if len(frames) else range(0)
        if playback.tick(step, RATE, len(frames), newest_whole(frames), episode):
            shown.append(playback.at)
    return shown


def test_an_episode_is_played_as_fast_as_it_was():
    frames, playback = FakeFrames(landings(1)), Playback()
    assert ticked(playback, frames, 1.0) == list(range(1, 16))
    assert ticked(playback, frames, 1.0) == [16, 17, 18, 19]
    assert ticked(playback, frames, 5.0) == []  # nothing newer: it rests


def test_the_newest_episode_comes_next_and_those_between_are_left_out():
    frames, playback = FakeFrames(landings(1)), Playback()
    ticked(playback, frames, 0.5)
    frames.frames = landings(4)
    shown = ticked(playback, frames, 1.0 + REST + 0.6)
    assert shown[shown.index(LENGTH - 1) + 1] == 3 * LENGTH


def test_an_episode_under_way_waits_until_it_has_ended():
    frames = FakeFrames([*landings(2), *[lander(step, 2) for step in range(5)]])
    assert newest_whole(frames) == range(LENGTH, 2 * LENGTH)
    only = FakeFrames([lander(step) for step in range(5)])
    assert newest_whole(only) == range(5)
    assert newest_whole(FakeFrames()) == range(0)


def test_after_a_long_break_nothing_is_rushed_through():
    frames, playback = FakeFrames(landings(1)), Playback()
    playback.tick(100.0, RATE, len(frames), newest_whole(frames), frames.episode_of(0))
    assert playback.at <= CATCH_UP * RATE


def test_where_somebody_scrubbed_to_it_stands():
    frames, playback = FakeFrames(landings(3)), Playback()
    playback.put(25, len(frames))
    assert ticked(playback, frames, 3.0) == []
    playback.put(-7, len(frames))
    assert playback.at == 0
    playback.put(1000, len(frames))
    assert playback.at == len(frames) - 1


def test_it_plays_on_from_there_through_all_episodes_to_the_end():
    frames, playback = FakeFrames(landings(3)), Playback()
    playback.put(LENGTH - 3, len(frames))
    playback.play(len(frames))
    shown = ticked(playback, frames, 10.0)
    assert shown == list(range(LENGTH - 2, 3 * LENGTH))
    assert not playback.playing
    playback.play(len(frames))  # once more, from the beginning
    assert ticked(playback, frames, 0.2)[0] <= 3
    playback.play(len(frames))
    assert ticked(playback, frames, 1.0) == []


def test_frozen_it_stands_and_free_it_goes_on():
    frames, playback = FakeFrames(landings(2)), Playback(frozen=True)
    assert ticked(playback, frames, 2.0) == []
    assert not playback.moves(len(frames), newest_whole(frames))
    playback.frozen = False
    assert playback.moves(len(frames), newest_whole(frames))
    assert ticked(playback, frames, 0.2)


def test_a_file_cut_back_leaves_the_place_inside():
    frames, playback = FakeFrames(landings(3)), Playback()
    playback.put(50, len(frames))
    frames.frames = landings(1)
    ticked(playback, frames, 0.1)
    assert playback.at == LENGTH - 1
    frames.frames = []
    ticked(playback, frames, 0.1)
    assert playback.at == 0
