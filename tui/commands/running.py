"""What the commands that make a run learn share: here or in a process of its own, and what is said at its end."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from tui.commands.errors import FAILED, complain
from tui.commands.progress import ProgressPrinter, duration, recent_episodes

if TYPE_CHECKING:
    from scenarios.experiment import AnyExperiment
    from scenarios.runs.budget import Budget
    from scenarios.runs.directory import Run

_EXACT = "{:.2f}  exact expected return of the greedy policy"
EVAL_MEANS = {
    "planning": _EXACT,
    "tabular": _EXACT,
    "supervised": "{:.2%} of the held-out images named rightly",
    "deep": "{:.2f}  mean of the best greedy evaluation",
}


def learn_here(experiment: AnyExperiment, budget: Budget, run: Run, *, as_json: bool, resume: bool = False) -> int:
    """Learn in this process, print the result, and return the exit code that it means."""
    from scenarios.runs.files import RunError
    from scenarios.runs.signals import StopRequest
    from scenarios.runs.training import train

    printer = ProgressPrinter(experiment.lanes)
    with StopRequest() as stop:
        try:
            train(experiment, budget, run, printer, stop, resume=resume)
        except RunError as error:
            complain(str(error))
            return FAILED
        finally:
            printer.clear()
        status = conclude(run, as_json=as_json)
    if status == "stopped" and stop.signal is not None:
        return 128 + stop.signal
    return code_of(status)


def learn_apart(run: Run, *, as_json: bool, resume: bool = False) -> int:
    """Learn in a process of its own, which goes on when this one, its terminal or its connection have gone."""
    from scenarios.runs.files import printable
    from scenarios.runs.standing import overview
    from scenarios.runs.trainer import start

    process = start(run, resume=resume)
    if as_json:
        print(json.dumps({**overview(run), "process": process}, allow_nan=False))
        return 0
    name = printable(shlex.quote(str(run.path)), 1000)
    print(f"{printable(run.path.name)} learns in process {process}")
    print(f"  follow  rltop attach {name}\n  stop    rltop stop {name}")
    return 0


def conclude(run: Run, *, as_json: bool = False) -> str:
    """Print how a run has ended; returns its status."""
    from scenarios.runs.standing import overview

    found = overview(run)
    found.pop("process")
    print(json.dumps(found, allow_nan=False) if as_json else describe(found))
    if code_of(found["status"]):
        complain(f"the run {found['status']}: {found['message']}")
    status: str = found["status"]
    return status


def code_of(status: str) -> int:
    """The exit code that the status of a run means."""
    return FAILED if status in ("diverged", "failed", "dead") else 0


def died(run: Run) -> str:
    """What is said of a run whose process is gone before its end."""
    from scenarios.runs.checkpoint import newest_checkpoint
    from scenarios.runs.resume import how_it_goes_on

    goes_on = how_it_goes_on(newest_checkpoint(run.path))
    return f"the process of {run.path.name} has died: `rltop resume {run.path.name}` {goes_on}"


def describe(found: dict[str, Any]) -> str:
    """A result for a person."""
    from algorithms.registry import algorithm_named
    from scenarios.runs.files import printable

    algorithm = algorithm_named(found["algorithm"])
    lanes = f", {found['lanes']} lanes" if found["lanes"] > 1 else ""
    lines = [f"{found['status']}: {algorithm.title} on {printable(_title(found['scenario']))}{lanes}"]
    if found["message"]:
        lines.append(f"  {printable(found['message'], 1000)}")
    steps, episodes = ("images", "epochs") if algorithm.family == "supervised" else ("steps", "episodes")
    if found["return_mean"] is not None:
        recent = _counted(recent_episodes(found["episodes"], found["lanes"]), episodes)
        lines.append(f"  {'return':<8}{found['return_mean']:.2f}  mean of the last {recent.removeprefix('1 ')}")
    if found["eval_mean"] is not None:
        lines.append(f"  {'greedy':<8}{EVAL_MEANS[algorithm.family].format(found['eval_mean'])}")
    work = f"{_counted(found['env_steps'], steps)}, {_counted(found['episodes'], episodes)}, "
    if not found["env_steps"]:
        work = f"{_counted(found['sweeps'], 'sweeps')}, " if found["sweeps"] else ""
    lines.append(f"  {'work':<8}{work}{duration(found['wall_seconds'])}")
    lines.append(f"  {'run':<8}{printable(found['run'], 1000)}")
    return "\n".join(lines)


def _counted(number: int, many: str) -> str:
    return f"{number:,} {many.removesuffix('s') if number == 1 else many}"


def _title(scenario: str) -> str:
    from scenarios.catalog import any_scenario_named
    from scenarios.configuration import SettingError

    try:
        return any_scenario_named(scenario).title
    except SettingError:  # an environment of gymnasium
        return scenario
