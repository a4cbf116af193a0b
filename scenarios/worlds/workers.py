"""Worker processes: groups of environments that roll out on other cores, with the same bits as in one process.

A worker owns some groups and a copy of the policy. A rollout is one message to every worker and one back: parameters
are read from one block of shared memory, the rollout is written into it. What a group brings depends on its own batch
and generators alone, so neither the number of workers nor their speed can change a result.

The memory has no name, so nothing of it outlives the processes; and a worker whose trainer is gone reads the end of
its connection and ends as well.
"""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import tempfile
import weakref
from contextlib import suppress
from itertools import accumulate
from multiprocessing.connection import Connection, Pipe
from typing import Any

import numpy as np

from algorithms.actor_critic import ActorCritic
from algorithms.contract import Floats32, Snapshot
from algorithms.rollouts import Group, Rollout, Spaces, empty_rollout
from engine.randomness import generator
from scenarios.worlds.errors import WorldError
from scenarios.worlds.rollouts import GroupPlan

CACHE_LINE = 64  # bytes


class WorkerGroups:
    """Groups that act side by side in worker processes. Owns these and the memory shared with them."""

    def __init__(self, plans: list[GroupPlan], workers: int) -> None:
        """Raises WorldError, one sentence, when the environments cannot be made or the workers not started."""
        self.count = sum(plan.count for plan in plans)
        self._memory = shared_memory()
        self.workers: list[Worker] = []
        self.close = weakref.finalize(self, _end, self.workers, self._memory)  # ends the workers; also at exit
        shares = [list(range(len(plans)))[i::workers] for i in range(min(workers, len(plans)))]
        self.workers += [Worker(self._memory) for _ in shares]
        self._shares = shares  # numbers of the groups that each worker has
        spaces = self._ask("begin", [(plans, share) for share in shares])
        self.observation_size, self.actions, self.continuous = spaces[0]
        self._rollout: Rollout | None = None
        self.scenes: list[Floats32] = []

    def collect(self, network: ActorCritic, steps: int) -> Rollout:
        """Act for T steps everywhere; the next call overwrites the result. WorldError when a worker has died."""
        if self._rollout is None or len(self._rollout.r) != steps:
            self._theta, self._rollout = mapped(self._memory, network, steps, self)
        self._theta[...] = network.theta.values
        self.scenes = self._ask("play", [(network.hidden, steps) for _ in self.workers])[0]
        return self._rollout

    def dump(self) -> dict[str, Any]:
        """Where every group stands."""
        dumps = self._ask("dump", [() for _ in self.workers])
        found = {number: dump for part in dumps for number, dump in part.items()}
        return {"groups": [found[number] for number in sorted(found)]}

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave, whoever ran the groups then."""
        groups = snapshot["groups"]
        self._ask("load", [({number: groups[number] for number in share},) for share in self._shares])

    def _ask(self, name: str, arguments: list[tuple[Any, ...]]) -> list[Any]:
        """Let every worker do something, all at the same time; their answers."""
        for worker, given in zip(self.workers, arguments, strict=True):
            worker.tell(name, given)
        return [worker.answer() for worker in self.workers]


class Worker:
    """One worker process, as its trainer sees it."""

    def __init__(self, memory: int) -> None:
        self._connection, theirs = Pipe()
        command = [sys.executable, "-P", "-m", "scenarios.worlds.workers", str(theirs.fileno()), str(memory)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            self.process = subprocess.Popen(
                command,
                env=environment,
                pass_fds=(theirs.fileno(), memory),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # what libraries print must not reach a screen
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the trainer, who still needs its workers to end in order
            )
        except OSError as error:
            raise WorldError(f"a worker process could not be started ({error}): use workers=0") from error
        finally:
            theirs.close()

    def tell(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Ask for something."""
        try:
            self._connection.send((name, arguments))
        except OSError:
            raise self._death() from None

    def answer(self) -> Any:
        """What was asked for; WorldError when it could not be done."""
        try:
            done, answer = self._connection.recv()
        except (EOFError, OSError):
            raise self._death() from None
        if not done:
            raise WorldError(answer)
        return answer

    def _death(self) -> WorldError:
        code = self.process.wait()
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        return WorldError(
            f"worker process {self.process.pid} ended {how} while it was needed: resume the run from its last "
            "checkpoint, or start it with workers=0"
        )

    def end(self) -> None:
        """Let go of the process; it owns nothing that could be lost."""
        self._connection.close()
        self.process.kill()
        self.process.wait()


def _end(workers: list[Worker], memory: int) -> None:
    for worker in workers:
        worker.end()
    os.close(memory)


# ── shared memory ────────────────────────────────────────────────────────────────────────────────────────


def shared_memory() -> int:
    """A file without a name, in memory where the system has that; its descriptor."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("rltop rollouts")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def mapped(memory: int, network: ActorCritic, steps: int, spaces: Spaces) -> tuple[Floats32, Rollout]:
    """The parameters of a network and a rollout of T steps as views of shared memory, the same for all who ask."""
    likes = [network.theta.values, *empty_rollout(steps, spaces)]
    *offsets, size = accumulate((-(-like.nbytes // CACHE_LINE) * CACHE_LINE for like in likes), initial=0)
    if os.fstat(memory).st_size < size:
        os.ftruncate(memory, size)
    block = mmap.mmap(memory, size)
    theta, *arrays = (np.ndarray(like.shape, like.dtype, block, at) for like, at in zip(likes, offsets, strict=True))
    return theta, Rollout._make(arrays)


# ── in the worker ────────────────────────────────────────────────────────────────────────────────────────


class Share:
    """The groups of one worker; its methods are what a trainer can ask for."""

    count: int
    observation_size: int
    actions: int
    continuous: bool

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._groups: dict[int, Group] = {}
        self._columns: dict[int, slice] = {}
        self._network: ActorCritic | None = None
        self._hidden, self._steps = "", 0

    def begin(self, plans: list[GroupPlan], share: list[int]) -> tuple[int, int, bool]:
        """Build the groups of these numbers; returns what their environments have in common."""
        ends = list(accumulate(plan.count for plan in plans))
        self.count = ends[-1]
        for number in share:
            self._groups[number] = plans[number].build()
            self._columns[number] = slice(ends[number] - plans[number].count, ends[number])
        first = self._groups[share[0]].environments
        self.observation_size, self.actions, self.continuous = first.observation_size, first.actions, first.continuous
        return self.observation_size, self.actions, self.continuous

    def play(self, hidden: str, steps: int) -> list[Floats32]:
        """Act for T steps with the parameters that lie in shared memory, and write the rollout there.

        Returns the scenes of the first environment of this share, see `Group.scenes`.
        """
        if self._network is None or (hidden, steps) != (self._hidden, self._steps):
            shape = (self.observation_size, self.actions, self.continuous, hidden)
            self._network = ActorCritic(*shape, generator(0))
            self._theta, self._rollout = mapped(self._memory, self._network, steps, self)
            self._hidden, self._steps = hidden, steps
        self._network.theta.values[...] = self._theta
        for number, group in self._groups.items():
            group.play(self._network, self._rollout.columns(self._columns[number]))
        return next(iter(self._groups.values())).scenes

    def dump(self) -> dict[int, dict[str, Any]]:
        """Where the groups stand, by number."""
        return {number: group.dump() for number, group in self._groups.items()}

    def load(self, snapshots: dict[int, Snapshot]) -> None:
        """Take over what `dump` gave."""
        for number, snapshot in snapshots.items():
            self._groups[number].load(snapshot)


def serve(connection: Connection, memory: int) -> None:
    """Do what the trainer asks for until it is gone."""
    share = Share(memory)
    with suppress(EOFError, OSError), np.errstate(all="ignore"):
        while True:
            name, arguments = connection.recv()
            try:
                answer = True, getattr(share, name)(*arguments)
            except WorldError as error:
                answer = False, str(error)
            except Exception as error:
                answer = False, f"a worker process failed: {type(error).__name__}: {error}"
            connection.send(answer)


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), int(sys.argv[2]))
