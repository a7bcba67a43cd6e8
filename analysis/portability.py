"""The golden runs under other instruction sets, C-library functions and interpreters, as far as one machine can.

``python -m analysis.portability [PYTHON ...]`` runs them in fresh processes (ten minutes; each PYTHON is a further
interpreter that has what minusim needs), keeps the results in ``results/benchmarks/portability.json`` and writes the
table of ``docs/reproducibility.md``.
"""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.timing import keep, kept
from tools import pages

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reproducibility.md"
PART = "portability"
V2 = "+cx16,+popcnt,+sse3,+sse4.1,+sse4.2,+ssse3"
V3 = f"{V2},+avx,+avx2,+bmi,+bmi2,+f16c,+fma,+lzcnt,+movbe"
OLDER = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable"}
# what a rule must never be compiled with: the control, which has to be seen
FAST = (
    "import numba, runpy, sys\n"
    "strict = numba.njit\n"
    "numba.njit = lambda *rules, **options: strict(*rules, fastmath=True, **options)\n"
    "sys.argv = ['sim.validation.golden']\n"
    "runpy.run_module('sim.validation.golden', run_name='__main__')\n"
)


# whole missions, one line a seed: how many events, and what they were
DECADES = (
    "import hashlib, sys\n"
    "from sim.model.simulation import Simulation\n"
    "from sim.model.plan import Plan\n"
    "from sim.scenario import load\n"
    "plan = Plan.build(load('historical'))\n"
    "for seed in range(int(sys.argv[1])):\n"
    "    events = Simulation(plan, seed).run().events\n"
    "    print(len(events), hashlib.sha256(events.tobytes()).hexdigest())\n"
)
SEEDS = 100


@dataclass(frozen=True)
class Condition:
    """One way of running: what is set in the environment, and the arguments of Python.

    ``own_cache`` where numba would take code that was compiled without the setting.
    """

    label: str
    environment: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ("-m", "sim.validation.golden")
    own_cache: bool = False


CONDITIONS = (
    Condition("as it is"),
    Condition("compiled for any x86-64, without AVX and FMA", {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": V2}),
    Condition("compiled for x86-64-v3", {"NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CPU_FEATURES": V3}),
    Condition(
        "compiled without vector loops", {"NUMBA_LOOP_VECTORIZE": "0", "NUMBA_SLP_VECTORIZE": "0"}, own_cache=True
    ),
    Condition(
        "not compiled: `NUMBA_DISABLE_JIT=1` (`first_weeks` alone)",
        {"NUMBA_DISABLE_JIT": "1"},
        ("-m", "sim.validation.golden", "first_weeks"),
    ),
    Condition("NumPy without AVX and FMA", {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"}),
    Condition("the C library's functions without AVX and FMA, as on an older processor", OLDER),
    Condition("control: compiled with `fastmath`, which no rule is", arguments=("-c", FAST), own_cache=True),
)


def tried(condition: Condition, python: str = sys.executable) -> dict[str, Any]:
    """How far the golden runs agree under a condition.  RuntimeError where they did not run."""
    verdict, _, machine = said(condition, python)[-1].partition(": ")
    return {"label": condition.label, "verdict": verdict, "machine": machine}


def said(condition: Condition, python: str = sys.executable) -> list[str]:
    """The lines that Python prints under a condition.  RuntimeError where it prints none."""
    with TemporaryDirectory() as empty:
        cache = {"XDG_CACHE_HOME": empty, "LOCALAPPDATA": empty} if condition.own_cache else {}
        done = subprocess.run(
            [python, *condition.arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), **cache, **condition.environment},
            capture_output=True,
            text=True,
            check=False,
        )
    if not done.stdout:
        raise RuntimeError(f"{condition.label}: {done.stderr[-2000:]}")
    return done.stdout.splitlines()


def decades(seeds: int) -> dict[str, int]:
    """Whole missions under this and an older processor's functions: how many, their events, and how many differ."""
    arguments = ("-c", DECADES, str(seeds))
    here = said(Condition("decades", arguments=arguments))
    older = said(Condition("decades of an older processor", OLDER, arguments))
    differing = sum(mine != theirs for mine, theirs in zip(here, older, strict=True))
    return {"missions": seeds, "events": sum(int(line.split()[0]) for line in here), "differing": differing}


def measured(found: dict[str, Any]) -> str:
    """Text for the page."""
    rows = [f"| {row['label']} | {row['verdict']} |" for row in found["rows"]]
    rows += [f"| {row['versions']} | {row['verdict']} |" for row in found["interpreters"]]
    table = "\n".join(["| golden runs, held against the kept numbers | |", "| --- | --- |", *rows])
    whole = found["decades"]
    words = (
        "Whole missions, 2013 to 2023, with this and with an older processor's functions of the C library: "
        f"{whole['differing']} of {whole['missions']} differ in an event ({whole['events']:,} events compared)."
    )
    return f"{table}\n\n{pages.wrapped(words)}\n\nMeasured on {found['kind']}."


BLOCKS = {PART: lambda: measured(kept(PART))}


def main(pythons: list[str]) -> None:
    """Try all conditions, store the results and write the page."""
    rows = []
    for condition in CONDITIONS:
        rows.append(tried(condition))
        print(rows[-1])
    interpreters = [tried(Condition("interpreter"), python) for python in (sys.executable, *pythons)]
    for row in interpreters:
        row["versions"] = row["machine"].partition("; ")[2].partition(", ")[2]
        print(row)
    kind = rows[0]["machine"].partition("; ")[0]
    keep(PART, {"rows": rows, "interpreters": interpreters, "kind": kind, "decades": decades(SEEDS)})
    pages.rewrite(PAGE, lambda text: pages.with_blocks(text, BLOCKS))


if __name__ == "__main__":
    main(sys.argv[1:])
