"""The page on scaling: bounds that follow from what was measured, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.study.cluster.batches import PER_SECOND, SECONDS

RUNS = 1_000_000
CORES = (1, 100, 10_000)
STORED, GATHERED = "written by workers", "gathered here"


@dataclass(frozen=True)
class Estimate:
    """What some cores need for all runs, in seconds; ``bounds`` has one entry for each part that could be slowest."""

    cores: int
    mode: str
    batch_runs: float
    bounds: Mapping[str, float]
    before: float  # until the first task runs
    after: float  # reading what was stored

    @property
    def slowest(self) -> str:
        """The part that decides."""
        return max(self.bounds, key=lambda name: self.bounds[name])

    @property
    def seconds(self) -> float:
        """From the command to the tables."""
        return self.before + self.bounds[self.slowest] + self.after

    def efficiency(self, run_s: float) -> float:
        """Share of the cores' time that goes into runs."""
        return RUNS * run_s / self.cores / self.seconds


def estimate(known: Mapping[str, Any], cores: int, mode: str, one_by_one: bool = False) -> Estimate:
    """All runs on some cores of a cluster; ``one_by_one``: as if every batch were one run."""
    task, dask, store = known["runs"]["task_s"], known["dask"], known["store"]
    kind = "totals" if mode == STORED else "whole"
    batch = 1.0 if one_by_one else max(1.0, max(SECONDS, cores / PER_SECOND) / task)
    count = RUNS / batch
    write = RUNS * store["write_s"]
    # a batch of one that sends nothing costs what a batch costs; what is sent with each run comes on top
    share = {who: count * dask[f"batch_{who}_s"] + RUNS * dask[f"{kind}_{who}_s"] for who in ("scheduler", "client")}
    on_workers = RUNS * (task + dask[f"{kind}_workers_s"]) + count * dask["batch_workers_s"]
    bounds = {
        "the runs": (on_workers + (write if mode == STORED else 0.0)) / cores,
        "the scheduler": share["scheduler"],
        "the process that asks": share["client"] + (write if mode == GATHERED else 0.0),
    }
    start = known["runs"]["plan_s"] + dask["worker_s"] + dask["first_tasks_s"]
    return Estimate(cores, mode, batch, bounds, start, RUNS * store["read_s"])


def page(known: Mapping[str, Any]) -> str:
    """The whole page."""
    run = known["runs"]["task_s"]
    rows = [estimate(known, cores, mode) for cores in CORES for mode in (STORED, GATHERED)]
    singles = [estimate(known, cores, STORED, one_by_one=True) for cores in CORES[1:]]
    return TEXT.format(
        version=known["version"],
        machine=known["machine"],
        runs=f"{RUNS:,}",
        measured="\n".join(_measured(known)),
        estimates="\n".join(_row(each, run) for each in rows),
        singles="\n".join(_row(each, run) for each in singles),
        gigabytes=f"{RUNS * known['store']['bytes_per_run'] / 1e9:,.0f}",
        rates=_rates(known, rows),
        local=_local(known),
        share=f"{_overhead(known):.2%}",
        batch_s=f"{SECONDS:g}",
        per_second=f"{PER_SECOND:g}",
    )


def _measured(known: Mapping[str, Any]) -> list[str]:
    runs, store, pool, dask = known["runs"], known["store"], known["pool"], known["dask"]
    rows = [
        ("a run of a decade, with drawing and reducing", runs["task_s"], "s"),
        ("plans that all runs share: made once", runs["plan_s"], "s"),
        ("the same, packed: sent once to each worker", runs["packed_bytes"] / 1e3, "kB"),
        ("pool of processes: a task, for the process that asks", 1e3 * pool["task_s"], "ms"),
        ("pool of processes: unpacking a whole result", 1e3 * pool["unpack_s"], "ms"),
        ("a whole result, as it is sent", pool["result_bytes"] / 1e3, "kB"),
        ("Dask: a batch, for the scheduler", 1e3 * dask["batch_scheduler_s"], "ms"),
        ("Dask: a batch, for the process that asks", 1e3 * dask["batch_client_s"], "ms"),
        ("Dask: a batch, for a worker", 1e3 * dask["batch_workers_s"], "ms"),
        ("Dask: a run written by a worker, for the scheduler", 1e3 * dask["totals_scheduler_s"], "ms"),
        ("Dask: a run written by a worker, for the process that asks", 1e3 * dask["totals_client_s"], "ms"),
        ("Dask: a run sent back whole, for the scheduler", 1e3 * dask["whole_scheduler_s"], "ms"),
        ("Dask: a run sent back whole, for the process that asks", 1e3 * dask["whole_client_s"], "ms"),
        ("a worker, until it is there", dask["worker_s"], "s"),
        ("a worker, from there to the end of its first two runs", dask["first_tasks_s"], "s"),
        ("store: writing a run, in parts of 40", 1e3 * store["write_s"], "ms"),
        ("store: reading a run", 1e3 * store["read_s"], "ms"),
        ("store: size of a run", store["bytes_per_run"] / 1e3, "kB"),
    ]
    return [f"| {what} | {number:,.3g} {unit} |" for what, number, unit in rows]


def _row(each: Estimate, run: float) -> str:
    parts = ", ".join(f"{name} {_time(seconds)}" for name, seconds in each.bounds.items())
    return (
        f"| {each.cores:,} | {each.mode} | {each.batch_runs:,.0f} | {_time(each.seconds)} | {each.slowest} | "
        f"{each.efficiency(run):.0%} | {parts}; start {_time(each.before)}, reading {_time(each.after)} |"
    )


def _rates(known: Mapping[str, Any], rows: list[Estimate]) -> str:
    rates = [
        f"{RUNS * known['store']['bytes_per_run'] / each.bounds[each.slowest] / 1e6:,.1f} MB/s with {each.cores:,}"
        for each in rows
        if each.mode == STORED
    ]
    return ", ".join(rates)


def _local(known: Mapping[str, Any]) -> str:
    """Cores that the pool of one machine could feed."""
    per_run = known["pool"]["task_s"] + known["pool"]["unpack_s"] + known["store"]["write_s"]
    return f"{known['runs']['task_s'] / per_run:,.0f}"


def _overhead(known: Mapping[str, Any]) -> float:
    """Share of a worker's time that a batch costs it."""
    run = known["runs"]["task_s"]
    batch = max(1.0, SECONDS / run)
    extra = known["dask"]["batch_workers_s"] / batch + known["dask"]["totals_workers_s"]
    return extra / (extra + run)


def _time(seconds: float) -> str:
    for size, name in ((86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:,.1f} {name}"
    return f"{seconds:,.1f} s"


TEXT = """# Scaling to many cores

Written by `python -m benchmarks.parallel_overhead` from `results/reference/cores.json` (model {version}; {machine}).
The same command measures again what is missing there. How a cluster is used: [many machines](cluster.md).

## Measured

Processor time, so that other work on the machine matters little; a scheduler and two workers as processes of one
machine.

| what | each |
| --- | --- |
{measured}

## Extrapolated: {runs} runs of a decade

A batch is as many runs as take {batch_s} s, or longer where more than {per_second} batches would end in a second. The
scheduler, the process that asks, and the workers all work at the same time: the slowest decides. Start and the reading
of the tables at the end come on top. With a batch system the scheduler runs inside the process that asks: the times of
both add up.

| cores | results | runs in a batch | in all | decided by | cores' time in runs | parts |
| --- | --- | --- | --- | --- | --- | --- |
{estimates}

- **Batches.** A batch, and what is sent with it, takes {share} of a worker's time. With every run a batch of its own it
  would be:

| cores | results | runs in a batch | in all | decided by | cores' time in runs | parts |
| --- | --- | --- | --- | --- | --- | --- |
{singles}

- **Let workers write.** Gathered results all pass through the scheduler and through the process that asks, which also
  writes them. A folder that workers reach spares both most of it.
- **Reading at the end** is the work of one process, however many cores there are.
- **Store.** {runs} runs are {gigabytes} GB. Workers write {rates} cores:
  what the shared file system must take.
- **One machine.** The pool of processes hands out, unpacks and writes fast enough for {local} cores.

## What was not measured

Networks, queues of batch systems, file systems under many writers, thousands of connections to one scheduler, memory
bandwidth of machines with many cores, and cores slower or faster than the one measured. The first run of a version
compiles the model once on each machine, which `make bench` measures.
"""
