"""A run is a directory: its name, its manifest, its result, and where the files in it are.

RUN/
  run.json                     what was run: scenario, algorithm, configuration, budget, seed, versions, machine
  events.out.tfevents.rltop    every scalar, as it happens
  checkpoint-<N>.npz           the whole run after N transitions, the two newest; see `checkpoint.py`
  frames.log                   moments of it to be drawn; see `frames.py`
  best.npz                     the weights of the best greedy evaluation, of a deep learner
  changes.log                  settings that were changed while it ran; see `control.py`
  control.jsonl                commands, appended by anyone
  status.json                  how far it is, while it runs
  tables.npz                   the final tables
  result.json                  how it ended
  trainer.log                  what is worth a sentence
  lock                         held by the process that writes
"""

import difflib
import math
import os
import platform
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from scenarios.runs.files import RunError, printable, read_json, sync_directory, write_json

FORMAT = 1
MANIFEST = "run.json"
STATUS = "status.json"
RESULT = "result.json"
EVENTS = "events.out.tfevents.rltop"
MAX_LANES = 1_000_000
_PACKAGES = ("rltop", "numpy", "gymnasium", "box2d")
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_IDENTITY = ("scenario", "algorithm", "seed", "lanes")
_DAMAGED = "restore it from a copy or delete the run"
_Record = TypeVar("_Record")

Status = Literal["solved", "finished", "stopped", "diverged", "failed"]


@dataclass(frozen=True)
class Manifest:
    """What was run, written once when the run begins; enough to run it again."""

    format: int
    """Version of this format."""
    scenario: str
    algorithm: str
    config: dict[str, Any]
    """Every configuration value, as JSON."""
    seed: int
    lanes: int
    """Independent learners side by side."""
    world: str | None
    """The text of the world file, if one was given."""
    budget: dict[str, Any]
    """When it ends at the latest, see `budget.Budget`."""
    created: str
    """ISO 8601, UTC."""
    python: str
    packages: dict[str, Any]
    """Versions of the installed packages that matter."""
    numeric: dict[str, Any]
    """What floating point results depend on beside the code: platform, numpy, BLAS and its threads."""


@dataclass(frozen=True)
class Result:
    """How a run ended."""

    status: Status
    env_steps: int
    """Environment steps of all lanes together."""
    episodes: int
    """Finished episodes of all lanes together."""
    wall_seconds: float
    steps_per_second: float
    return_mean: float | None
    """Mean return of the last 100 episodes; None without an episode or when it is not finite."""
    eval_mean: float | None
    """Best mean return of a greedy evaluation; None without one."""
    peak_rss_mb: float
    """Largest resident memory, in 10^6 bytes."""
    message: str | None
    """Why it ended so, for a run that failed or diverged."""
    state_sha256: str | None = None
    """Of everything that the algorithm changes: parameters, moments, replay, generators, environments."""
    sweeps: int | None = None
    """Finished sweeps of planning, which takes no steps; None of other runs."""

    @property
    def share(self) -> float | None:
        """Of what it was to learn, 1 where it came to its end; None where it did not."""
        return 1.0 if self.status in ("solved", "finished") else None


@dataclass(frozen=True)
class Run:
    """A run on disk."""

    path: Path
    manifest: Manifest

    @property
    def events(self) -> Path:
        """The TensorBoard event file."""
        return self.path / EVENTS

    @property
    def frames(self) -> Path:
        """Moments of it, to be drawn and played."""
        return self.path / "frames.log"

    @property
    def best(self) -> Path:
        """The weights of the best greedy evaluation."""
        return self.path / "best.npz"

    @property
    def changes(self) -> Path:
        """The settings that were changed while it ran."""
        return self.path / "changes.log"

    @property
    def control(self) -> Path:
        """The commands that clients append."""
        return self.path / "control.jsonl"

    @property
    def status(self) -> Path:
        """How far it is; missing when it has ended."""
        return self.path / STATUS

    @property
    def log(self) -> Path:
        """What the trainer has to say."""
        return self.path / "trainer.log"

    @property
    def tables(self) -> Path:
        """The final tables, see `tables.py`."""
        return self.path / "tables.npz"

    @property
    def result(self) -> Path:
        """How it ended; missing while it runs and after a crash."""
        return self.path / RESULT

    @property
    def lock(self) -> Path:
        """Held by the one process that writes here, see `files.exclusive_lock`."""
        return self.path / "lock"


# ── where runs live ──────────────────────────────────────────────────────────────────────────────────────


def runs_root(given: str | None = None) -> Path:
    """The directory of runs: `given` (--runs), else $RLTOP_RUNS, else the platform's data directory."""
    named = given or os.environ.get("RLTOP_RUNS")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("rltop") / "runs"


def create_run(
    root: Path,
    scenario: str,
    algorithm: str,
    config: dict[str, Any],
    seed: int,
    lanes: int = 1,
    world: str | None = None,
    budget: dict[str, Any] | None = None,
) -> Run:
    """A new directory `<scenario>-<algorithm>-s<seed>-<NNN>` under `root`, with its manifest.

    Args:
        root: created if missing.
        config: the full configuration; JSON values, finite numbers.
        seed: in [0, 2**63).
        lanes: independent learners, in [1, 1000000].
        world: the text of the world file, if there is one.
        budget: the limits of the run; JSON values.

    Raises:
        RunError: a value outside of these, or the disk refused; no directory is left behind.
    """
    manifest = Manifest(
        format=FORMAT,
        scenario=scenario,
        algorithm=algorithm,
        config=config,
        seed=seed,
        lanes=lanes,
        world=world,
        budget=budget or {},
        created=datetime.now(UTC).isoformat(),
        python=platform.python_version(),
        packages={name: _version(name) for name in _PACKAGES},
        numeric=_numeric_fingerprint(),
    )
    fault = _manifest_fault(asdict(manifest))
    if fault:
        raise RunError(root, f"cannot hold such a run: {fault}", "correct the value")
    path = _new_directory(root, "-".join([_slug(scenario), _slug(algorithm), f"s{seed}"]))
    try:
        write_json(path / MANIFEST, asdict(manifest))
        sync_directory(root)
    except BaseException as error:
        with suppress(OSError):
            (path / MANIFEST).unlink(missing_ok=True)
            path.rmdir()
        if isinstance(error, OSError):
            raise RunError.from_os(path, "cannot be created", error) from error
        raise
    return Run(path, manifest)


def _new_directory(root: Path, stem: str) -> Path:
    try:
        root.mkdir(parents=True, exist_ok=True)
        tails = (name.removeprefix(f"{stem}-") for name in os.listdir(root) if name.startswith(f"{stem}-"))
        number = max((int(tail) for tail in tails if re.fullmatch("[0-9]{1,9}", tail)), default=0)
        while True:
            number += 1
            path = root / f"{stem}-{number:03d}"
            with suppress(FileExistsError):  # another process took it between the listing and now
                path.mkdir()
                return path
    except (OSError, ValueError) as error:
        raise RunError.from_os(root, "cannot hold a new run", error) from error


def _slug(text: str) -> str:
    """`text` as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9._+]+", "-", text).strip("-.")[:60] or "run"


def open_run(name: str, root: Path) -> Run:
    """The run called `name` under `root`, or else the run directory at the path `name`.

    Raises:
        RunError: there is neither, or its manifest is damaged or of another format.
    """
    plain = name not in ("", ".", "..") and os.path.basename(name) == name
    paths = [root / name] if plain else []
    for path in [*paths, Path(name)] if name else []:
        if os.path.isfile(path / MANIFEST):
            return Run(path, read_manifest(path / MANIFEST))
    near = difflib.get_close_matches(name[:200], _names(root), n=1)
    hint = f"did you mean {near[0]}?" if near else "`rltop ls` lists the runs there are"
    raise RunError(name or "''", f"is neither a run under {printable(str(root))} nor a run directory", hint)


def _names(root: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(root) if os.path.isfile(os.path.join(root, name, MANIFEST)))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise RunError.from_os(root, "cannot be listed", error) from error


# ── manifest and result ──────────────────────────────────────────────────────────────────────────────────


def summary(run: Run, result: Result) -> dict[str, Any]:
    """What `rltop train --json` prints and result.json holds; keys are added, never renamed."""
    ending = dict(vars(result))
    for mean in ("return_mean", "eval_mean"):
        if ending[mean] is not None and not math.isfinite(ending[mean]):
            ending[mean] = None  # JSON has no NaN; the status says that the run diverged
    what = {key: getattr(run.manifest, key) for key in _IDENTITY}
    return {"run": str(run.path), **what, **ending}


def write_result(run: Run, result: Result) -> None:
    """Write result.json atomically.

    Raises:
        RunError: a number that is not finite, or the disk refused.
    """
    write_json(run.result, summary(run, result))


def read_result(run: Run) -> Result | None:
    """How the run ended; None if it has not, or was killed.

    Raises:
        RunError: the file is unreadable, damaged or belongs to another run.
    """
    file = f"{run.path}/{RESULT}"  # a text, as lists of thousands have no time for paths
    if not os.path.lexists(file):
        return None
    document = read_json(file)
    document.pop("run", None)  # the directory may have been moved since
    document.setdefault("sweeps", None)  # of a run by a version that did not count them
    for key in _IDENTITY:
        if document.pop(key, None) != getattr(run.manifest, key):
            raise RunError(run.result, f"belongs to another run: its {key} is not that of run.json", _DAMAGED)
    fault = _type_fault(document, Result)
    if fault:
        raise RunError(run.result, f"is no valid result: {fault}", _DAMAGED)
    return _made(Result, document)


def read_manifest(path: str | Path) -> Manifest:
    """What was run, from a run.json.

    Raises:
        RunError: the file is missing, unreadable, damaged or of another format.
    """
    document = read_json(path)
    if document.get("format") != FORMAT:
        raise RunError(
            path,
            f"has format {printable(repr(document.get('format')))}, this rltop reads {FORMAT}",
            "use the version of rltop that wrote it",
        )
    fault = _manifest_fault(document)
    if fault:
        raise RunError(path, f"is no valid manifest: {fault}", _DAMAGED)
    return _made(Manifest, document)


def _manifest_fault(document: dict[str, Any]) -> str:
    """What is wrong with the members of a manifest; empty if nothing."""
    fault = _type_fault(document, Manifest)
    if fault:
        return fault
    if not 0 <= document["seed"] < 1 << 63:
        return f"seed must be in [0, 2**63), got {document['seed']}"
    if not 1 <= document["lanes"] <= MAX_LANES:
        return f"lanes must be in [1, {MAX_LANES}], got {document['lanes']}"
    try:
        if datetime.fromisoformat(document["created"]).tzinfo is None:
            return "created has no time zone"
    except ValueError:
        return "created is not a time in ISO 8601"
    return ""


def differences(manifest: Manifest) -> str:
    """What floating point results depend on and is no longer as it was when the run began; empty if nothing."""
    versions = {name: _version(name) for name in _PACKAGES}
    apart: dict[str, str] = {}
    for then, now in ((manifest.numeric, _numeric_fingerprint()), (manifest.packages, versions)):
        changed = [name for name in now if then.get(name) != now[name]]
        apart |= {name: f"{name} was {then.get(name)} and is {now[name]}" for name in changed}
    return ", ".join(apart.values())


def _made(record: type[_Record], members: dict[str, Any]) -> _Record:
    """A frozen record of members that have been checked: its own constructor takes ten times longer to set them."""
    made = object.__new__(record)
    vars(made).update(members)
    return made


def _type_fault(document: dict[str, Any], record: type) -> str:
    """Whether the members are the record's fields and of their types; what differs, or empty."""
    allowed = _field_types(record)
    if document.keys() != allowed.keys():
        return f"its keys are not {', '.join(allowed)}"
    for name, (types, values) in allowed.items():
        if type(document[name]) not in types:
            return f"{name} must be {' or '.join(kind.__name__ for kind in types)}"
        if values and document[name] not in values:
            return f"{name} must be one of {', '.join(values)}"
    return ""


@cache
def _field_types(record: type) -> dict[str, tuple[tuple[type, ...], tuple[str, ...]]]:
    """The JSON types of every field, and its values where they are a closed set."""
    fields: dict[str, tuple[tuple[type, ...], tuple[str, ...]]] = {}
    for name, hint in get_type_hints(record).items():
        if get_origin(hint) is Literal:
            fields[name] = ((str,), get_args(hint))
        elif get_origin(hint) is dict:
            fields[name] = ((dict,), ())
        else:
            types = get_args(hint) or (hint,)
            fields[name] = ((*types, int) if float in types else types, ())
    return fields


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _numeric_fingerprint() -> dict[str, Any]:
    import numpy as np

    build: Any = np.show_config(mode="dicts")
    blas = build.get("Build Dependencies", {}).get("blas", {})
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "simd": build.get("SIMD Extensions", {}).get("found", []),
        "numpy": np.__version__,
        "blas": f"{blas.get('name')} {blas.get('version')}",
        "blas_threads": {name: os.environ.get(name) for name in _THREADS},
    }
