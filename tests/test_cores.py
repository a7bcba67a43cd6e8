"""The page on scaling says what follows from the kept measurements, and the bounds are what they should be."""

import json

import pytest

from benchmarks.parallel_overhead import KEPT, PAGE, STEPS, main
from benchmarks.parallel_overhead_page import CORES, GATHERED, RUNS, STORED, estimate
from sim.study.cluster.batches import PER_SECOND, SECONDS

KNOWN = {
    "machine": "a machine",
    "version": "0",
    "runs": {"task_s": 0.5, "plan_s": 2.0, "packed_bytes": 5e5},
    "store": {"bytes_per_run": 1e5, "write_s": 0.003, "read_s": 0.001},
    "pool": {"task_s": 0.001, "unpack_s": 0.001, "result_bytes": 2e5},
    "dask": {
        f"{kind}_{who}_s": seconds
        for kind, seconds in (("batch", 0.002), ("totals", 0.0001), ("whole", 0.004))
        for who in ("clock", "client", "scheduler", "workers")
    }
    | {"worker_s": 3.0, "first_tasks_s": 4.0},
}


def test_bounds() -> None:
    few = estimate(KNOWN, 100, STORED)
    assert few.batch_runs == SECONDS / 0.5
    assert few.slowest == "the runs"
    assert few.bounds["the runs"] == pytest.approx(RUNS * (0.5 + 0.0001 + 0.003 + 0.002 / few.batch_runs) / 100)
    assert few.seconds == pytest.approx(2 + 3 + 4 + few.bounds["the runs"] + 1000)
    many = estimate(KNOWN, 10_000, GATHERED)
    assert many.batch_runs == pytest.approx(10_000 / PER_SECOND / 0.5)
    assert many.slowest == "the process that asks"
    assert many.bounds[many.slowest] == pytest.approx(RUNS * (0.004 + 0.003 + 0.002 / many.batch_runs))
    singles = estimate(KNOWN, 10_000, STORED, one_by_one=True)
    assert singles.bounds["the scheduler"] == pytest.approx(RUNS * 0.0021)
    assert singles.efficiency(0.5) < estimate(KNOWN, 10_000, STORED).efficiency(0.5) < 1.0


def test_more_cores_are_never_slower() -> None:
    for mode in (STORED, GATHERED):
        seconds = [estimate(KNOWN, cores, mode).seconds for cores in CORES]
        assert seconds == sorted(seconds, reverse=True)


def test_the_page_is_what_was_measured(tmp_path) -> None:
    known = json.loads(KEPT.read_text("utf-8"))
    assert set(STEPS) <= set(known)
    main(["--page", str(tmp_path / "scaling.md")])  # measures nothing: it is all there
    assert (tmp_path / "scaling.md").read_text("utf-8") == PAGE.read_text("utf-8")
