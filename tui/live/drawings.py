"""The panes of a live screen as cells, with their titles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from scenarios.runs.diagnosis import Diagnosis, diagnose
from scenarios.runs.frames import Frame, TableFrame
from scenarios.runs.resume import how_it_goes_on
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.live.curves import SHORT, small_metrics, step_at_x
from tui.live.panes.charts import ChartMemory, Shown, draw_large, draw_small
from tui.live.panes.charts import titles as chart_titles
from tui.live.panes.header import draw_header
from tui.live.panes.messages import Message, draw_messages, messages_of
from tui.live.panes.now import draw_moment, draw_table, draw_thinking, moment_titles, table_titles
from tui.live.panes.numbers import draw_numbers
from tui.live.session import Session

MOST_DIAGNOSES = 3


class Drawings:
    """Draws the panes by their names; remembers the axes of the charts, which move in steps."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._charts = ChartMemory()
        self._kept: dict[str, Cells] = {}  # the last drawing of a pane, for when the run is just being read
        self._titles: list[str] = []
        self._board_titles: list[str] = ["the world"]  # of the layer as its board was drawn last
        self._diagnosed: tuple[object, list[Diagnosis]] = (None, [])

    def header(self, width: int, theme: Theme) -> Cells:
        """The line above everything."""
        return draw_header(self._session, width, theme)

    @contextmanager
    def _shown(self) -> Iterator[Shown | None]:
        session = self._session
        with session.watch.look() as run:
            if run is None:
                yield None
            else:
                generation = session.seen.generation
                at, solved = session.env_steps, session.facts.solved
                yield Shown(run.curves, session.curves, session.view, generation, at, solved)

    def titles(self, name: str, theme: Theme) -> list[str]:
        """What may stand in the frame of a pane, the longest first."""
        session = self._session
        frame = session.frame
        match name:
            case "world":
                if isinstance(frame, Frame):
                    return moment_titles(frame, session.facts.environment_id)
                if isinstance(frame, TableFrame):
                    return self._board_titles
                return ["the environment" if session.facts.board is None else "the world"]
            case "thoughts":
                return ["what the network thinks"]
            case "returns":
                return self._returns_titles()
            case "diagnostics":
                return ["diagnostics"]
            case "numbers":
                return [session.facts.run.path.name, "numbers"]
        return ["messages"]

    def _returns_titles(self) -> list[str]:
        session = self._session
        with self._shown() as shown:
            if shown is not None and session.metric in session.names:
                self._titles = chart_titles(shown, session.metric)
        titles = self._titles or [SHORT.get(session.metric, session.metric)]
        if session.facts.family == "supervised":
            titles = [title.replace("return per episode", "accuracy per epoch") for title in titles]
        return titles

    def draw(self, name: str, width: int, height: int, theme: Theme) -> Cells:
        """What is inside the frame of a pane."""
        session = self._session
        match name:
            case "world":
                return self._world(width, height, theme)
            case "thoughts":
                frame = session.frame if isinstance(session.frame, Frame) else None
                return draw_thinking(frame, session.facts.environment_id, width, height, theme)
            case "numbers":
                return draw_numbers(session, width, height, theme)
            case "messages":
                said = messages_of(session.seen.log, session.said)
                return draw_messages(self._diagnoses(), said, session.view.scroll, width, height, theme)
        return self._charted(name, width, height, theme)

    def _world(self, width: int, height: int, theme: Theme) -> Cells:
        session = self._session
        frame, board = session.frame, session.facts.board
        if isinstance(frame, Frame):
            return draw_moment(frame, session.facts.environment_id, width, height, theme)
        if isinstance(frame, TableFrame) and board is not None:
            self._board_titles = table_titles(frame, board, session.view.layer, width, height)
            return draw_table(frame, board, session.view.layer, width, height, theme)
        cells = Cells(width, height)
        text = "no moment was recorded" if session.seen.result is not None else "no moment recorded yet"
        cells.put(height // 2, max(0, (width - len(text)) // 2), text, theme.style(theme.palette.muted))
        return cells

    def _charted(self, name: str, width: int, height: int, theme: Theme) -> Cells:
        """The charts, or what they were while the run is just being read."""
        session = self._session
        with self._shown() as shown:
            if shown is None:
                kept = self._kept.get(name)
                fits = kept is not None and (kept.width, kept.height) == (width, height)
                return kept if kept is not None and fits else Cells(width, height)
            if name == "returns":
                cells = draw_large(shown, session.metric, width, height, theme, self._charts)
            else:
                metrics = small_metrics(session.names, session.metric)
                cells = draw_small(shown, metrics, width, height, theme, self._charts)
        self._kept[name] = cells
        return cells

    def _diagnoses(self) -> list[Message]:
        """What the curves say in words, the warnings first; looked at anew when the run was."""
        session, seen = self._session, self._session.seen
        with session.watch.look() as run:
            steps = None if seen.said is None else seen.said.progress.env_steps
            version = seen.generation, steps, seen.result, seen.status, seen.trouble
            if run is not None and version != self._diagnosed[0]:
                manifest = session.facts.run.manifest
                series = {name: run.curves.series(name) for name in run.curves.names}
                what = manifest.algorithm, manifest.config, seen.share, session.facts.solved
                self._diagnosed = version, diagnose(series, *what, fault=seen.trouble if seen.learns else None)
        found = [Message("", f"{one.sentence} {one.advice}", one.severity) for one in self._diagnosed[1]]
        if seen.status == "dead":
            name = session.facts.run.path.name
            goes_on = how_it_goes_on(seen.checkpoint)
            text = f"Its process has died: r, or rltop resume {name} in a shell, {goes_on}."
            found.insert(0, Message("", text, "warning"))
        if seen.fault is not None:
            found.insert(0, Message("", seen.fault, "warning"))
        found[:0] = [Message("", damage, "warning") for damage in seen.damage]
        return found[:MOST_DIAGNOSES]

    def step_at(self, name: str, row: int, col: int) -> int | None:
        """The step of the run at a place inside a pane; None where there is no chart."""
        x = self._charts.x_at(name, row, col)
        with self._shown() as shown:
            return None if x is None or shown is None else step_at_x(x, shown.store, shown.view.axis)

    def cell_at(self, name: str, width: int, height: int, row: int, col: int) -> int | None:
        """Nothing on this screen is chosen by its cell."""
        return None

    @property
    def has_scene(self) -> bool:
        """Whether there is something to be seen: recorded moments, or an environment of which there will be some."""
        session = self._session
        if session.frame is not None:
            return True
        ended = bool(session.seen.status) and not session.seen.learns
        return not ended and (bool(session.facts.environment_id) or session.facts.board is not None)

    @property
    def has_thoughts(self) -> bool:
        """Whether there is a network that thinks."""
        return self._session.facts.family in ("deep", "supervised")
