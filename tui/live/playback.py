"""Which recorded moment is shown: the newest episode as it was played, or the one that was scrubbed to."""

from __future__ import annotations

from dataclasses import dataclass

REST = 0.9  # seconds that the end of an episode is looked at
CATCH_UP = 0.25  # seconds of play at most between two ticks: after a pause nothing is rushed through


@dataclass
class Playback:
    """A place among the frames of a run, and whether it moves on."""

    at: int = 0
    """The number of the frame that is shown."""
    live: bool = True
    """Whether it follows the newest episode; else it stands, or plays on, where it was put."""
    playing: bool = False
    """Whether it plays on where it was put."""
    frozen: bool = False
    """Whether nothing moves by itself."""
    _share: float = 0.0  # of the way to the next frame
    _rested: float = 0.0  # seconds at the end of an episode

    def tick(self, elapsed: float, rate: float, count: int, newest: range, episode: range) -> bool:
        """Let time pass; whether another frame is shown now.

        Args:
            elapsed: seconds since the tick before.
            rate: frames a second.
            count: frames there are.
            newest: the frames of the newest whole episode.
            episode: those of the episode that is shown.
        """
        before = self.at
        self.at = max(0, min(self.at, count - 1))
        if not count or self.frozen or not (self.live or self.playing):
            return self.at != before
        last = min(episode.stop, count) - 1
        if self.at >= last:
            self._rest(elapsed, count, newest)
        else:
            self._share += min(elapsed, CATCH_UP) * rate
            self.at = min(last, self.at + int(self._share))
            self._share %= 1
        return self.at != before

    def _rest(self, elapsed: float, count: int, newest: range) -> None:
        """Look at the end of an episode for a while, and go on to the next, or to the newest, if there is one."""
        self._rested += elapsed
        if self._rested < REST:
            return
        following = newest.start if self.live else self.at + 1
        if following > self.at and following < count:
            self.at, self._share, self._rested = following, 0.0, 0.0
        elif not self.live:
            self.playing = False

    def moves(self, count: int, newest: range) -> bool:
        """Whether time alone will show another frame."""
        if not count or self.frozen:
            return False
        return self.at != newest.stop - 1 if self.live else self.playing

    def put(self, at: int, count: int) -> None:
        """Stand at a frame; the newest episode is followed no more."""
        self.at, self.live, self.playing = max(0, min(at, count - 1)), False, False
        self._share = self._rested = 0.0

    def follow(self, newest: range) -> None:
        """Follow the newest episode, from its beginning."""
        self.at, self.live, self.playing = newest.start, True, False
        self._share = self._rested = 0.0

    def play(self, count: int) -> None:
        """Play on from here, or stop; from the beginning where this is the end."""
        self.playing = self.live or not self.playing
        self.live = False
        if self.playing and self.at >= count - 1:
            self.at = 0
        self._share = self._rested = 0.0
