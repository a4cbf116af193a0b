"""`rltop train`: learn headless, into a run directory."""

from __future__ import annotations

import argparse
from typing import Any

from tui.commands.arguments import (
    MOST,
    add_experiment,
    add_learning,
    add_runs,
    check_named,
    runs_directory,
    settings_for,
    whole,
)
from tui.commands.errors import complain
from tui.commands.running import learn_apart, learn_here

NAME = "train"
SUMMARY = "Learn without a screen and keep the run"
NOTES = """\
Every lane learns until it has had its steps or its episodes, whichever comes first; without either, the scenario's own
number of episodes. Dynamic programming sweeps until the values settle: --set theta=1e-12, --set max_sweeps=10.
`rltop list SCENARIO` shows every setting with its default. Ctrl-C ends a run early and keeps all of it; `rltop resume`
goes on with it. With --detach it learns in a process of its own, which outlives this terminal.

examples:
  rltop train cliffwalking --algorithm sarsa --lanes 500 --episodes 500 --seed 1
  rltop train cliffwalking --set alpha=0.1 --set "epsilon=linear(1, 0.05, 300)"
  rltop train gridworld --algorithm value-iteration --world windy --json
  rltop train frozenlake --set map_name=8x8 --runs ./runs
  rltop train digits
  rltop train cartpole --seed 1
  rltop train cartpole --detach
  rltop train --env Acrobot-v1 --algorithm dqn --steps 50000

exit codes: 0 solved or finished, 1 failed or diverged, 2 usage,
130, 143 and 129 stopped by SIGINT, SIGTERM and SIGHUP
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop train` takes."""
    add_experiment(parser, "which algorithm learns (default: the scenario's own)", nargs="?")
    parser.add_argument("--env", metavar="ID", help="learn in a registered environment of gymnasium, not a scenario")
    parser.add_argument("--steps", metavar="N", type=whole(1, MOST), help="stop after so many steps of every lane")
    parser.add_argument(
        "--episodes", metavar="N", type=whole(1, MOST), help="stop after so many episodes of every lane"
    )
    add_runs(parser)
    add_learning(parser)


def run(options: argparse.Namespace) -> int:
    """Train, print the result, and return the exit code that it means."""
    check_named(options)
    from scenarios.runs.training import open_training

    experiment, budget = _decide(options)
    kept = open_training(experiment, budget, runs_directory(options))
    if options.detach:
        return learn_apart(kept, as_json=options.json)
    return learn_here(experiment, budget, kept, as_json=options.json)


def _decide(options: argparse.Namespace) -> Any:
    """The experiment and its budget; warnings go to stderr."""
    from scenarios.catalog import any_scenario_named
    from scenarios.experiment import Experiment, prepare_run
    from scenarios.runs.budget import budget_for

    settings = settings_for(options, any_scenario_named(options.scenario) if options.scenario else None)
    experiment = prepare_run(
        options.scenario,
        options.algorithm,
        settings,
        environment=options.env,
        seed=options.seed or 0,
        lanes=options.lanes or 1,
    )
    budget, warnings = budget_for(experiment, options.steps, options.episodes, sweeps_given="max_sweeps" in settings)
    if (options.lanes or 1) > experiment.lanes:
        warnings += (f"{experiment.algorithm.name} plans with a model, so one lane is as good as {options.lanes}",)
    if isinstance(experiment, Experiment):
        warnings = (*experiment.model.warnings, *warnings)
    for warning in warnings:
        complain(f"warning: {warning}")
    return experiment, budget
