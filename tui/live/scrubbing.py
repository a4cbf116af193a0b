"""Going back and forth through the recorded moments of a run."""

from __future__ import annotations

from collections.abc import Callable

from tui.live.session import Session, episode_of


def move(by: int) -> Callable[[Session], None]:
    """So many recorded moments on, or back."""

    def run(session: Session) -> None:
        _put(session, lambda at, count, episode: at + by)

    return run


def episode(by: int) -> Callable[[Session], None]:
    """To the beginning of the next episode; back to that of this one, or of the one before."""

    def run(session: Session) -> None:
        def place(at: int, count: int, episode: range) -> int:
            if by > 0:
                return min(episode.stop, count - 1)
            return episode.start if at > episode.start else episode.start - 1

        _put(session, place)
        if by < 0:
            _put(session, lambda at, count, episode: episode.start)

    return run


def first(session: Session) -> None:
    """To the first recorded moment."""
    _put(session, lambda at, count, episode: 0)


def to_step(session: Session, env_steps: int | None) -> None:
    """To the last recorded moment that is not after a step of the run; nowhere without one."""
    if env_steps is None:
        return
    with session.watch.look() as run:
        at = 0 if run is None else run.frames.at_step(env_steps)
    _put(session, lambda *_: at)


def newest(session: Session) -> None:
    """Back to what happens now."""
    session.playback.follow(session.seen.newest)
    session.show_now()


def play(session: Session) -> None:
    """Play what was recorded on from here, or stop."""
    with session.watch.look() as run:
        count = 0 if run is None else len(run.frames)
    if not count:
        return session.say("nothing was recorded yet", mistake=True)
    session.playback.play(count)
    return None


def freeze(session: Session) -> None:
    """Stop all that moves by itself, or let it move again."""
    session.playback.frozen = not session.playback.frozen
    session.say("nothing moves by itself now" if session.playback.frozen else "it moves again")


def _put(session: Session, place: Callable[[int, int, range], int]) -> None:
    """Stand at another moment: the place is found from where it stands, how many there are, and the episode's."""
    with session.watch.look() as run:
        if run is None:
            return
        count, playback = len(run.frames), session.playback
        if not count:
            session.say("nothing was recorded yet", mistake=True)
            return
        playback.put(place(playback.at, count, episode_of(run.frames, playback.at)), count)
    session.show_now()
